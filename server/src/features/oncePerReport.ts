/** What is made of a report when somebody first asks for it, and then stays as long as the report. */
export function oncePerReport<Report extends object, Value>(
  make: (report: Report) => Value,
): (report: Report) => Value {
  const made = new WeakMap<Report, { readonly value: Value }>();
  return (report) => {
    const known = made.get(report) ?? { value: make(report) };
    made.set(report, known);
    return known.value;
  };
}
