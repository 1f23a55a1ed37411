// The built-in ingress controller: Podium's own proxy, which reads the routing table as it is.
import type { DataPlane } from './data-plane.ts'

export const builtIn: DataPlane = {
  controller: 'podium.dev/ingress',
  className: 'podium',
  isDefault: true,
  image: 'podium/ingress:v1',
  args: [],
  unavailable: undefined,
  files: (table) => Promise.resolve({ 'table.json': JSON.stringify(table) }),
}
