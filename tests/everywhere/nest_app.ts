/** What an application of Nest 11 needs, the last line of it that is CommonJS, and its tests. */
export const NEST_PACKAGES: readonly string[] = [
  "@nestjs/common@11.2.10",
  "@nestjs/core@11.2.10",
  "@nestjs/platform-express@11.2.10",
  "@nestjs/testing@11.2.6",
  "reflect-metadata@0.2.2",
  "rxjs@7.8.2",
  "@types/jest@30.0.0",
  "@types/node@20.19.43",
  "jest@30.5.2",
  "ts-jest@29.4.15",
  "typescript@5.9.3",
];

const TSCONFIG = {
  compilerOptions: {
    module: "commonjs",
    declaration: true,
    removeComments: true,
    emitDecoratorMetadata: true,
    experimentalDecorators: true,
    allowSyntheticDefaultImports: true,
    target: "ES2023",
    sourceMap: true,
    outDir: "./dist",
    baseUrl: "./",
    incremental: true,
    skipLibCheck: true,
    strict: true,
  },
  include: ["src"],
};

/** As `nest new` writes it into `package.json`. */
const JEST = {
  moduleFileExtensions: ["js", "json", "ts"],
  rootDir: "src",
  testRegex: ".*\\.spec\\.ts$",
  transform: { "^.+\\.(t|j)s$": "ts-jest" },
  testEnvironment: "node",
};

const MODULE =
  `import { Controller, Get, Injectable, Module, ServiceUnavailableException } from "@nestjs/common";
import { Breaker, BreakerOpenError, createBreaker } from "@switchgear/breaker";

@Injectable()
export class UsersService {
  constructor(readonly breaker: Breaker) {}

  async find(): Promise<string> {
    try {
      return await this.breaker.do(() => Promise.resolve("Ada"));
    } catch (error) {
      if (error instanceof BreakerOpenError) throw new ServiceUnavailableException(error.message);
      throw error;
    }
  }
}

@Controller("users")
export class UsersController {
  constructor(private readonly users: UsersService) {}

  @Get()
  find(): Promise<string> {
    return this.users.find();
  }
}

@Module({
  controllers: [UsersController],
  providers: [
    UsersService,
    { provide: Breaker, useFactory: () => createBreaker("users", { failureThreshold: 1 }) },
  ],
})
export class AppModule {}
`;

const MAIN = `import "reflect-metadata";
import { NestFactory } from "@nestjs/core";
import { Breaker } from "@switchgear/breaker";
import { AppModule } from "./app.module";

async function bootstrap(): Promise<void> {
  const app = await NestFactory.create(AppModule, { logger: false });
  await app.listen(0, "127.0.0.1");
  const url = (await app.getUrl()) + "/users";
  const response = await fetch(url);
  console.log(response.status, await response.text());
  app.get(Breaker).tripNow();
  const refused = await fetch(url);
  await refused.body?.cancel();
  console.log(refused.status);
  await app.close();
  console.log("done");
}
void bootstrap();
`;

const SPEC = `import { Test } from "@nestjs/testing";
import { Breaker } from "@switchgear/breaker";
import { retry, PermanentError } from "@switchgear/breaker";
import { AppModule, UsersController } from "./app.module";

describe("UsersController", () => {
  it("answers, and refuses while the breaker is open", async () => {
    const app = await Test.createTestingModule({ imports: [AppModule] }).compile();
    const users = app.get(UsersController);
    await expect(users.find()).resolves.toBe("Ada");
    app.get(Breaker).tripNow();
    await expect(users.find()).rejects.toThrow(/refused the call/);
  });

  it("gives up on what is permanent", async () => {
    let attempts = 0;
    const call = retry(() => {
      attempts++;
      throw new PermanentError("no such user");
    }, { maxRetries: 3 });
    await expect(call).rejects.toThrow(PermanentError);
    expect(attempts).toBe(1);
  });
});
`;

/** The files of the application, by path. */
export const NEST_FILES: ReadonlyMap<string, string> = new Map([
  ["tsconfig.json", JSON.stringify(TSCONFIG)],
  ["jest.config.json", JSON.stringify(JEST)],
  ["src/app.module.ts", MODULE],
  ["src/main.ts", MAIN],
  ["src/app.spec.ts", SPEC],
]);
