/**
 * An object that behaves as another one but for some of its methods and properties: to put a fault between a worker and
 * a real broker. Works with private fields, which a prototype chain does not.
 */
export function override<T extends object>(target: T, overrides: Partial<T>): T {
  return new Proxy(target, {
    get(_, property) {
      if (property in overrides) return Reflect.get(overrides, property)
      const value: unknown = Reflect.get(target, property)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
