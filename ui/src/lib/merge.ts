/** Write `told` into `held`, a part at a time, so that only what differs is a change for whoever reads `held`. */
export function merge<T extends object>(held: T, told: T): void {
  for (const key of Object.keys(held) as (keyof T)[]) if (!(key in told)) Reflect.deleteProperty(held, key);
  for (const key of Object.keys(told) as (keyof T)[]) {
    const [is, shall] = [held[key], told[key]];
    if (isPlain(is) && isPlain(shall)) merge(is, shall);
    else if (is !== shall && !(Array.isArray(is) && JSON.stringify(is) === JSON.stringify(shall))) held[key] = shall;
  }
}

const isPlain = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value);
