/** Who sends: service, instance and version together under one number, so that a row says it in four bytes. */
import type { ResourceRecord } from '../../domain/span-batch.ts';

export type Intern = (text: string | null) => number;

export class Resources {
  readonly #numbers = new Map<string, number>();
  readonly #service: number[] = [];
  readonly #instance: number[] = [];
  readonly #version: number[] = [];
  #last: { readonly record: ResourceRecord; readonly number: number } | null = null;

  number(record: ResourceRecord, intern: Intern): number {
    if (this.#last?.record === record) return this.#last.number;
    const [service, instance, version] = [intern(record.service), intern(record.instance), intern(record.version)];
    const key = `${service} ${instance} ${version}`;
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#service.length;
      this.#numbers.set(key, number);
      this.#service.push(service);
      this.#instance.push(instance);
      this.#version.push(version);
    }
    this.#last = { record, number };
    return number;
  }

  service(number: number): number {
    return this.#service[number]!;
  }

  /** A value for each resource number, by its service. */
  perResource(value: (service: number) => number): Float64Array {
    return Float64Array.from(this.#service, value);
  }

  /** A column of resource numbers as the three columns they stand for. */
  spread(numbers: Int32Array): { service: Int32Array; instance: Int32Array; version: Int32Array } {
    const { length } = numbers;
    const [service, instance, version] = [new Int32Array(length), new Int32Array(length), new Int32Array(length)];
    for (let i = 0; i < length; i++) {
      const number = numbers[i]!;
      service[i] = this.#service[number]!;
      instance[i] = this.#instance[number]!;
      version[i] = this.#version[number]!;
    }
    return { service, instance, version };
  }
}
