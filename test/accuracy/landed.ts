/** What has landed: CI fails when a set falls below. Raise it with the commit that earns it. */
export const landedFirst: Readonly<Record<string, number>> = { tt: 28, dtl: 14, cob: 99, crca: 11, calm: 7 };

/** On the seeded sample of injected faults of at least ten requests, and of quiet windows. */
export const landedInjected = { first: 0.9, confidentWrong: 0.03, quiet: 0.93 } as const;

/** On the seeded sample of blind worlds, sound windows among them: right first or rightly quiet. */
export const landedBlind = { first: 0.86, second: 0.83 } as const;
