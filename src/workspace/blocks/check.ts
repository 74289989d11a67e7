/**
 * A small schema language that complains as Slack does: one sentence per fault with a JSON pointer to it, e.g.
 * `[ERROR] must be less than 3001 characters [json-pointer:/blocks/3/text/text]`. Sentences follow answers of Slack quoted
 * in public issues (node-slack-sdk #945, java-slack-sdk #302, slackreprex #3).
 */
import { isObject, type JsonObject } from '../json.ts';

/** Adds what is wrong with `value`, which stands at `pointer`, to `faults`. */
export type Check = (value: unknown, pointer: string, faults: string[]) => void;

export const fault = (sentence: string, pointer: string): string => `[ERROR] ${sentence} [json-pointer:${pointer}]`;

export function text(min: number, max: number): Check {
  return (value, pointer, faults) => {
    if (typeof value !== 'string') faults.push(fault('must be a string', pointer));
    else if (value.length < min) faults.push(fault(`must be more than ${min - 1} characters`, pointer));
    else if (value.length > max) faults.push(fault(`must be less than ${max + 1} characters`, pointer));
  };
}

export const truth: Check = (value, pointer, faults) => {
  if (typeof value !== 'boolean') faults.push(fault('must be a boolean', pointer));
};

export function number(min: number, max: number): Check {
  return (value, pointer, faults) => {
    if (typeof value !== 'number' || !Number.isFinite(value)) faults.push(fault('must be a number', pointer));
    else if (value < min || value > max) faults.push(fault(`must be between ${min} and ${max}`, pointer));
  };
}

export function oneOf(...allowed: readonly string[]): Check {
  return (value, pointer, faults) => {
    if (typeof value !== 'string' || !allowed.includes(value))
      faults.push(fault(`must be a valid enum value: ${allowed.join(', ')}`, pointer));
  };
}

export function matching(pattern: RegExp, sentence: string): Check {
  return (value, pointer, faults) => {
    if (typeof value !== 'string' || !pattern.test(value)) faults.push(fault(sentence, pointer));
  };
}

export function list(entry: Check, min: number, max: number): Check {
  return (value, pointer, faults) => {
    if (!Array.isArray(value)) {
      faults.push(fault('must be an array', pointer));
      return;
    }
    if (value.length < min) faults.push(fault(min === 1 ? 'must have at least 1 item' : `must have at least ${min} items`, pointer));
    if (value.length > max) faults.push(fault(`no more than ${max} items allowed`, pointer));
    for (const [index, each] of value.entries()) entry(each, `${pointer}/${index}`, faults);
  };
}

export interface Shape {
  readonly required?: Readonly<Record<string, Check>>;
  readonly optional?: Readonly<Record<string, Check>>;
  /** Rules over several fields; only asked when every field is right on its own. */
  readonly also?: (value: JsonObject, pointer: string, faults: string[]) => void;
}

/** An object with exactly these fields. `type` is always allowed: whoever chose this shape read it. */
export function shape({ required = {}, optional = {}, also }: Shape): Check {
  return (value, pointer, faults) => {
    if (!isObject(value)) {
      faults.push(fault('must be an object', pointer));
      return;
    }
    const before = faults.length;
    for (const [name, check] of Object.entries(required)) {
      if (value[name] === undefined || value[name] === null) faults.push(fault(`missing required field: ${name}`, pointer));
      else check(value[name], `${pointer}/${name}`, faults);
    }
    for (const [name, check] of Object.entries(optional)) if (value[name] !== undefined) check(value[name], `${pointer}/${name}`, faults);
    for (const name of Object.keys(value)) {
      if (name !== 'type' && required[name] === undefined && optional[name] === undefined)
        faults.push(fault(`invalid additional property: ${name}`, pointer));
    }
    if (faults.length === before) also?.(value, pointer, faults);
  };
}

/** Chooses the check by the value's own `type`. */
export function byType(checks: Readonly<Record<string, Check>>): Check {
  return (value, pointer, faults) => {
    if (!isObject(value)) {
      faults.push(fault('must be an object', pointer));
      return;
    }
    const { type } = value;
    if (typeof type !== 'string') {
      faults.push(fault('missing required field: type', pointer));
      return;
    }
    const check = Object.hasOwn(checks, type) ? checks[type] : undefined;
    if (check === undefined) faults.push(fault(`unsupported type: ${type}`, `${pointer}/type`));
    else check(value, pointer, faults);
  };
}

export function pick(checks: Readonly<Record<string, Check>>, ...names: readonly string[]): Readonly<Record<string, Check>> {
  return Object.fromEntries(names.flatMap((name) => (checks[name] === undefined ? [] : [[name, checks[name]]])));
}
