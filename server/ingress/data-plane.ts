// What a kind of ingress controller is to this room. Another one is another file that answers a DataPlane, and its line in
// ingress.ts; plan, pods, Service, status and events come with the room.
import type { RoutingTable } from './routing-table.ts'

export interface DataPlane {
  /** spec.controller of the IngressClasses that it carries out. */
  readonly controller: string
  /** The IngressClass that every cluster begins with. */
  readonly className: string
  readonly isDefault: boolean
  /** What its pods run. They listen on POD_IP:8080 (HTTP), :8443 (TLS) and :10254 (`/healthz`, `/stats`). */
  readonly image: string
  readonly args: readonly string[]
  /** Why it cannot serve on this machine, in one sentence; undefined when it can. */
  readonly unavailable: string | undefined
  /**
   * The files its pods find in $PODIUM_ROOT/etc/ingress; they change in place, all at once.
   * @param table with a certificate for every name
   * @throws Error with a sentence when the table cannot be served; what is in force stays
   */
  files(table: RoutingTable): Promise<Record<string, string>>
}

export const HTTP_PORT = 8080
export const HTTPS_PORT = 8443
export const ADMIN_PORT = 10_254
/** Below PODIUM_ROOT. */
export const FILES_AT = '/etc/ingress'
