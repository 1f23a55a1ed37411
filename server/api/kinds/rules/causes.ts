// Why a field is refused, in Kubernetes' words (apimachinery/pkg/util/validation/field/errors.go).
import type { StatusCause } from '../../../../shared/status.ts'

/** Strings are quoted, other scalars stand as they are, the rest is shown as JSON. */
function shown(value: unknown): string {
  return JSON.stringify(value) ?? '""'
}

function cause(reason: string, field: string, ...parts: string[]): StatusCause {
  return { reason, message: parts.filter(Boolean).join(': '), field }
}

export function required(field: string, detail = ''): StatusCause {
  return cause('FieldValueRequired', field, 'Required value', detail)
}

export function invalid(field: string, value: unknown, detail: string): StatusCause {
  return cause('FieldValueInvalid', field, `Invalid value: ${shown(value)}`, detail)
}

export function forbidden(field: string, detail: string): StatusCause {
  return cause('FieldValueForbidden', field, 'Forbidden', detail)
}

/** For what Kubernetes has and Podium does not. */
export function notImplemented(field: string): StatusCause {
  return forbidden(field, 'not implemented by Podium')
}

export function duplicate(field: string, value: unknown): StatusCause {
  return cause('FieldValueDuplicate', field, `Duplicate value: ${shown(value)}`)
}

export function notFound(field: string, value: unknown): StatusCause {
  return cause('FieldValueNotFound', field, `Not found: ${shown(value)}`)
}

export function notSupported(
  field: string,
  value: unknown,
  supported: readonly string[],
): StatusCause {
  const list = supported.map((text) => JSON.stringify(text)).join(', ')
  const detail = `supported values: ${list}`
  return cause('FieldValueNotSupported', field, `Unsupported value: ${shown(value)}`, detail)
}

export function tooLong(field: string, maxBytes: number): StatusCause {
  return cause('FieldValueTooLong', field, 'Too long', `may not be more than ${maxBytes} bytes`)
}

/** For what is wrong with a whole that says too much to be shown (field.OmitValueType). */
export function invalidWhole(field: string, detail: string): StatusCause {
  return cause('FieldValueInvalid', field, 'Invalid value', detail)
}

/** A cause when a list is longer than `most`. */
export function notTooMany(field: string, list: readonly unknown[], most: number): StatusCause[] {
  const detail = `must have at most ${most} items`
  return list.length > most
    ? [cause('FieldValueTooMany', field, `Too many: ${list.length}`, detail)]
    : []
}

/** For fields that may never change (ValidateImmutableField). */
export function immutable(field: string, value: unknown): StatusCause {
  return invalid(field, value, 'field is immutable')
}

/** A cause unless `value` is absent or one of `supported`. */
export function oneOf(
  field: string,
  value: string | undefined,
  supported: readonly string[],
): StatusCause[] {
  return value === undefined || supported.includes(value)
    ? []
    : [notSupported(field, value, supported)]
}

/** A cause when the number is negative. */
export function notNegative(field: string, value: number | undefined): StatusCause[] {
  return value !== undefined && value < 0
    ? [invalid(field, value, 'must be greater than or equal to 0')]
    : []
}
