import { describe, expect, it } from 'vitest';
import { createBudget, holdsToItsLength, withBody } from '../../../src/surfaces/http/request-body.ts';

const limits = { maxBytes: 1_000, maxUnpackedBytes: 1_000, deadlineMs: 15_000 };

function announcing(length: number, body: NonNullable<RequestInit['body']>) {
  const request = new Request('http://localhost/', {
    method: 'POST',
    body,
    headers: { 'content-length': String(length) },
    duplex: 'half',
  } as RequestInit);
  holdsToItsLength(request);
  return request;
}

/** The text, and how much of the budget was free while it was used. */
async function taken(request: Request, budget = createBudget(4_000), within = limits) {
  let free = 0;
  const text = await withBody(request, { limits: within, budget }, async (body) => {
    while (budget.canSetAside(free + 1)) free++;
    return new TextDecoder().decode(body);
  });
  return { text, free };
}

describe('a body that is announced', () => {
  it('is held against the budget while it is used, and no longer', async () => {
    const budget = createBudget(4_000);
    expect(await taken(announcing(5, 'hello'), budget)).toEqual({ text: 'hello', free: 2_000 - 5 });
    expect(budget.canSetAside(2_000)).toBe(true);
  });

  it.each([
    { what: 'more than comes', announced: 600, held: 600 },
    { what: 'less than comes', announced: 1, held: 5 },
  ])('as $what is taken as it is', async ({ announced, held }) => {
    expect(await taken(announcing(announced, 'hello'))).toEqual({ text: 'hello', free: 2_000 - held });
  });

  it('as less than the limit and is more is too large', async () => {
    await expect(taken(announcing(5, 'x'.repeat(1_001)))).rejects.toMatchObject({ status: 413 });
  });

  it('where little is free is held as it comes: nothing is set aside for it', async () => {
    const budget = createBudget(4_000);
    budget.take(1_500);
    expect(await taken(announcing(900, 'hello'), budget)).toEqual({ text: 'hello', free: 500 - 5 });
  });

  it('and never comes is given up at the deadline', async () => {
    const budget = createBudget(4_000);
    const never = announcing(5, new ReadableStream({}));
    await expect(taken(never, budget, { ...limits, deadlineMs: 1 })).rejects.toMatchObject({ status: 408 });
    expect(budget.canSetAside(2_000)).toBe(true);
  });
});
