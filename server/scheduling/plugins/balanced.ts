import type { Plugin } from '../plugin.ts'

/** Better where processor and memory are used to the same degree, so that neither is left over alone. */
export const balanced: Plugin = {
  name: 'NodeResourcesBalancedAllocation',
  weight: 1,
  score: ({ weight }) => ({
    score: ({ allocatable, weight: used }) => {
      const cpu = fraction(weight.cpu + used.cpu, allocatable.cpu)
      const memory = fraction(weight.memory + used.memory, allocatable.memory)
      // The standard deviation of two numbers is half their distance.
      return (1 - Math.abs(cpu - memory) / 2) * 100
    },
    scale: 'as-is',
  }),
}

function fraction(used: number, capacity: number): number {
  return capacity === 0 ? 1 : Math.min(1, used / capacity)
}
