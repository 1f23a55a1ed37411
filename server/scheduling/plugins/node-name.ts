import type { Plugin } from '../plugin.ts'

const REASON = ["node(s) didn't match the requested node name"]

/** A pod that names its node goes nowhere else. */
export const nodeName: Plugin = {
  name: 'NodeName',
  filter: ({ pod }) => {
    const wanted = pod.spec.nodeName
    return wanted ? (node) => (node.name === wanted ? undefined : REASON) : undefined
  },
}
