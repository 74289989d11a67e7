import { describe, expect, it } from 'vitest';
import { placeText, readPlace, readRef, refText } from '../../src/domain/slack-names.ts';

describe('values that travel through Slack', () => {
  it('come back as they went', () => {
    expect(readPlace(placeText({ channel: 'C1', ts: '17.0002' }))).toEqual({ channel: 'C1', ts: '17.0002' });
    expect(readRef(refText({ incidentId: 'INC-12', hypothesisId: 'h1x' }))).toEqual({ incidentId: 'INC-12', hypothesisId: 'h1x' });
  });
  it.each(['', 'x', '.h1', 'INC-1.', '/1', 'C1/'])('are refused when they are %j', (text) => {
    expect(readPlace(text)).toBeNull();
    expect(readRef(text)).toBeNull();
  });
});
