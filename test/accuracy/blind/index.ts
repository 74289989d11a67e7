/**
 * Incidents of invented systems, written by somebody who had not read the rules of the ranking: start-ups that fail, releases, spans with metrics,
 * traces with logs, and sound windows of each. Half of the systems are closed: their single failures are looked at by nobody who designs a rule.
 */
import type { Case } from '../folder.ts';
import { rolloutCases } from './rollouts.ts';
import { startupCases } from './startup.ts';
import { trafficCases } from './traffic.ts';

export const blindCases = (rounds: number): Case[] => [...startupCases(rounds), ...rolloutCases(rounds), ...trafficCases(rounds)];
