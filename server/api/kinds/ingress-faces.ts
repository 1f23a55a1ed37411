// Ingress as it was in 2015: a backend was a service's name and port, and a path had no type
// (pkg/apis/extensions/v1beta1/conversion.go, defaults.go).
import { isJsonObject, type JsonObject } from '../values.ts'

const objectIn = (value: unknown): JsonObject => (isJsonObject(value) ? value : {})

/** A backend as a service reference; what is no object stays for validation to refuse. */
function storedBackend(backend: unknown): unknown {
  if (!isJsonObject(backend)) return backend
  const { serviceName, servicePort, ...rest } = backend
  if (serviceName === undefined && servicePort === undefined) return rest
  const port =
    typeof servicePort === 'string'
      ? { name: servicePort }
      : servicePort !== undefined && { number: servicePort }
  return { ...rest, service: { name: serviceName ?? '', ...(port && { port }) } }
}

function shownBackend(backend: unknown): unknown {
  if (!isJsonObject(backend)) return backend
  const { service, ...rest } = backend
  if (!isJsonObject(service)) return rest
  const { name, number } = objectIn(service['port'])
  return { ...rest, serviceName: service['name'], servicePort: name ?? number }
}

function withPaths(rules: unknown, change: (path: JsonObject) => JsonObject): unknown {
  if (!Array.isArray(rules)) return rules
  return rules.map((rule: unknown) => {
    const http = isJsonObject(rule) ? rule['http'] : undefined
    if (!isJsonObject(rule) || !isJsonObject(http) || !Array.isArray(http['paths'])) return rule
    const paths = http['paths'].map((path: unknown) => (isJsonObject(path) ? change(path) : path))
    return { ...rule, http: { ...http, paths } }
  })
}

/** The object as networking.k8s.io/v1 says it. */
export function storedIngress(object: JsonObject): JsonObject {
  if (!isJsonObject(object['spec'])) return object
  const { backend, rules, ...spec } = object['spec']
  const changed = withPaths(rules, (path) => ({
    pathType: 'ImplementationSpecific',
    ...path,
    backend: storedBackend(path['backend']),
  }))
  return {
    ...object,
    spec: {
      ...spec,
      ...(backend !== undefined && { defaultBackend: storedBackend(backend) }),
      ...(rules !== undefined && { rules: changed }),
    },
  }
}

/** The object as extensions/v1beta1 says it. */
export function shownIngress(object: JsonObject): JsonObject {
  const { defaultBackend, rules, ...spec } = objectIn(object['spec'])
  const changed = withPaths(rules, (path) => ({ ...path, backend: shownBackend(path['backend']) }))
  return {
    ...object,
    spec: {
      ...spec,
      ...(defaultBackend !== undefined && { backend: shownBackend(defaultBackend) }),
      ...(rules !== undefined && { rules: changed }),
    },
  }
}
