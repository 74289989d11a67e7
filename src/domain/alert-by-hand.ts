/** A person asks for an investigation: the alarm they raise, in the same shape as any other. */
import type { Alert } from './alert.ts';
import { fnv1a } from './evidence.ts';

export function alertByHand({
  subject,
  service,
  minutes,
  person,
  at,
}: {
  subject: string;
  service: string | null;
  minutes: number;
  person: string;
  at: number;
}): Alert {
  return {
    // The same question within a minute is the same alarm: a double click opens one incident. Further back is another question.
    fingerprint: `manual-${fnv1a(`${service ?? subject}\n${minutes}\n${Math.floor(at / 60_000)}`).toString(36)}`,
    format: 'manual',
    status: 'firing',
    title: `Look at ${service ?? subject}`,
    description: `Asked for by ${person}, over the last ${minutes} minutes`,
    severity: 'info',
    service,
    environment: null,
    correlationIds: service === null ? [subject] : [],
    labels: {},
    annotations: {},
    startsAt: at,
    endsAt: null,
    links: [],
    truncated: 0,
    lookbackMinutes: minutes,
  };
}
