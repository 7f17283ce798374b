const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
const MONTH = `(?<month>${MONTHS.join("|")})`;
const TIME = String.raw`(?<hours>\d\d):(?<minutes>\d\d):(?<seconds>\d\d)`;
const SHORT_DAY = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)";
const LONG_DAY = "(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day";

/** The three forms of a date that a recipient must read: IMF-fixdate, and the obsolete ones of RFC 850 and of asctime. */
const FORMS: readonly RegExp[] = [
  new RegExp(String.raw`^${SHORT_DAY}, (?<day>\d\d) ${MONTH} (?<year>\d{4}) ${TIME} GMT$`),
  new RegExp(String.raw`^${LONG_DAY}, (?<day>\d\d)-${MONTH}-(?<year>\d\d) ${TIME} GMT$`),
  new RegExp(String.raw`^${SHORT_DAY} ${MONTH} (?<day>[ \d]\d) ${TIME} (?<year>\d{4})$`),
];

/**
 * Reads an HTTP date as RFC 9110, section 5.6.7, defines it. `Date.parse` takes
 * much that is none, and reads the asctime form as local time.
 *
 * @param text The date.
 * @param nowMs Milliseconds since 1970, now: a year of two digits is never more than 50 years ahead.
 * @returns Milliseconds since 1970; `undefined`: it is no HTTP date.
 */
export function parseHttpDate(text: string, nowMs: number): number | undefined {
  for (const form of FORMS) {
    const groups = form.exec(text)?.groups;
    if (groups !== undefined) return toTime(groups, nowMs);
  }
  return undefined;
}

function toTime(groups: Record<string, string>, nowMs: number): number | undefined {
  const number = (name: string): number => Number(groups[name]);
  const month = MONTHS.indexOf(groups["month"] ?? "");
  const [day, hours, minutes, seconds] = [
    number("day"),
    number("hours"),
    number("minutes"),
    number("seconds"),
  ];
  if (hours > 23 || minutes > 59 || seconds > 60) return undefined; // 60: a leap second
  const year = groups["year"]?.length === 2 ? fullYear(number("year"), nowMs) : number("year");
  const date = new Date(0);
  // Not Date.UTC, which takes the years 0 to 99 for 1900 to 1999.
  date.setUTCFullYear(year, month, day);
  if (date.getUTCDate() !== day) return undefined; // such as 31 February
  return date.setUTCHours(hours, minutes, seconds);
}

/** The last year with these two digits that is at most 50 years ahead. */
function fullYear(lastTwo: number, nowMs: number): number {
  const latest = new Date(nowMs).getUTCFullYear() + 50;
  return latest - (latest - lastTwo) % 100;
}
