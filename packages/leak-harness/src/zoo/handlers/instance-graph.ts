import { isLeaky } from '../leak-every.ts'
import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** A tree of accounts: a child that is done with stays with its parent. */
class Account {
  readonly parent: Account | undefined
  readonly children: Account[] = []

  constructor(parent?: Account) {
    this.parent = parent
  }

  open(): Account {
    const child = new Account(this)
    this.children.push(child)
    return child
  }
}
const root = new Account()
const regions = Array.from({ length: 20 }, () => root.open())

export default ({ data }: ZooJob): void => {
  if (isLeaky(data)) regions[data.random % 20]?.open()
}
