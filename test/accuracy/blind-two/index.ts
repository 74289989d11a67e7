/** Incidents of invented systems by a second author, who had read neither the rules of the ranking nor the first author's faults. */
import type { Case } from '../folder.ts';
import { releaseCases } from './releases.ts';
import { calmSpanCases, spanCases } from './spans.ts';
import { startupCases } from './startups.ts';

export const blindTwoCases = (): Case[] => [...releaseCases(), ...spanCases(), ...startupCases(), ...calmSpanCases()];
