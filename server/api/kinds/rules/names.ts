// Forms of names, and what is said of a text that has another (apimachinery/pkg/util/validation/validation.go).
// Each function answers the complaints about a text; none when it is good.

/** The wording of RegexError: every example is followed by a comma and a blank. */
function formRule(message: string, form: string, ...examples: string[]): string {
  const list = examples.map((example) => `'${example}', `).join(' or ')
  return `${message} (e.g. ${list}regex used for validation is '${form}')`
}

function whole(form: string): RegExp {
  return new RegExp(`^(?:${form})$`)
}

const LABEL_FORM = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const SUBDOMAIN_FORM = `${LABEL_FORM}(\\.${LABEL_FORM})*`
const LABEL_1035_FORM = '[a-z]([-a-z0-9]*[a-z0-9])?'
const NAME_PART_FORM = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'
const LABEL_VALUE_FORM = `(${NAME_PART_FORM})?`

const LABEL = whole(LABEL_FORM)
const SUBDOMAIN = whole(SUBDOMAIN_FORM)
const LABEL_1035 = whole(LABEL_1035_FORM)
const NAME_PART = whole(NAME_PART_FORM)
const LABEL_VALUE = whole(LABEL_VALUE_FORM)

const LABEL_RULE = formRule(
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  LABEL_FORM,
  'my-name',
  '123-abc',
)
const SUBDOMAIN_RULE = formRule(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  SUBDOMAIN_FORM,
  'example.com',
)
const LABEL_1035_RULE = formRule(
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  LABEL_1035_FORM,
  'my-name',
  'abc-123',
)
const NAME_PART_RULE = formRule(
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  NAME_PART_FORM,
  'MyName',
  'my.name',
  '123-abc',
)
const LABEL_VALUE_RULE = formRule(
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  LABEL_VALUE_FORM,
  'MyValue',
  'my_value',
  '12345',
)

export type NameRule = (text: string) => string[]

function rule(maxBytes: number, form: RegExp, complaint: string): NameRule {
  return (text) => [
    ...(text.length > maxBytes ? [`must be no more than ${maxBytes} bytes`] : []),
    ...(form.test(text) ? [] : [complaint]),
  ]
}

/** `my-name`: namespaces, containers, volumes. */
export const label: NameRule = rule(63, LABEL, LABEL_RULE)
/** `my.name`: most objects. */
export const subdomain: NameRule = rule(253, SUBDOMAIN, SUBDOMAIN_RULE)
/** `my-name`, starting with a letter: services. */
export const label1035: NameRule = rule(63, LABEL_1035, LABEL_1035_RULE)
/** The value of a label. */
export const labelValue: NameRule = rule(63, LABEL_VALUE, LABEL_VALUE_RULE)

/** `name` or `prefix.example.com/name`: keys of labels, annotations, taints; names of resources. */
export const qualifiedName: NameRule = (text) => {
  const parts = text.split('/')
  if (parts.length > 2) {
    return [
      `a qualified name ${NAME_PART_RULE} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ]
  }
  const name = parts.pop() ?? ''
  const prefix = parts[0]
  const complaints: string[] = []
  if (prefix === '') complaints.push('prefix part must be non-empty')
  else if (prefix !== undefined) {
    complaints.push(...subdomain(prefix).map((complaint) => `prefix part ${complaint}`))
  }
  if (name === '') complaints.push('name part must be non-empty')
  else if (name.length > 63) complaints.push('name part must be no more than 63 bytes')
  if (!NAME_PART.test(name)) complaints.push(`name part ${NAME_PART_RULE}`)
  return complaints
}

/** Names that stand in paths and need no other form (apimachinery/pkg/api/validation/path/name.go). */
export const pathSegment: NameRule = (name) =>
  name === '.' || name === '..'
    ? [`may not be '${name}'`]
    : ['/', '%'].filter((sign) => name.includes(sign)).map((sign) => `may not contain '${sign}'`)

const WILDCARD_FORM = `\\*\\.${SUBDOMAIN_FORM}`
/** `*.example.com`: hosts of Ingresses. */
export const wildcardSubdomain: NameRule = rule(
  253,
  whole(WILDCARD_FORM),
  formRule(
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
    WILDCARD_FORM,
    '*.example.com',
  ),
)

const HTTP_PATH_FORM = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+"
/** `example.com/name`: controllers of IngressClasses (IsDomainPrefixedPath). */
export const domainPath: NameRule = (text) => {
  const slash = text.indexOf('/')
  if (slash <= 0 || slash === text.length - 1) {
    return ['must be a domain-prefixed path (such as "acme.io/foo")']
  }
  return [
    ...subdomain(text.slice(0, slash)),
    ...(whole(HTTP_PATH_FORM).test(text.slice(slash + 1))
      ? []
      : [`Invalid path (regex used for validation is '${HTTP_PATH_FORM}')`]),
  ]
}

/** A port's name in a pod (IANA_SVC_NAME). */
export const portName: NameRule = (text) => {
  const complaints: string[] = []
  if (text.length > 15) complaints.push('must be no more than 15 bytes')
  if (!/^[-a-z0-9]+$/.test(text)) {
    complaints.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)')
  }
  if (!/[a-z]/.test(text)) complaints.push('must contain at least one letter (a-z)')
  if (text.includes('--')) complaints.push('must not contain consecutive hyphens')
  if (/^-|-$/.test(text)) complaints.push('must not begin or end with a hyphen')
  return complaints
}

/** The name of an environment variable. */
export const envName: NameRule = (text) =>
  /^[ -<>-~]+$/.test(text)
    ? []
    : [
        "a valid environment variable name must consist only of printable ASCII characters other than '='",
      ]

/** A key of a ConfigMap or Secret: it becomes the name of a file. */
export const configKey: NameRule = (text) => {
  const complaints: string[] = []
  if (text.length > 253) complaints.push('must be no more than 253 bytes')
  if (!/^[-._a-zA-Z0-9]+$/.test(text)) {
    complaints.push(
      formRule(
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
        '[-._a-zA-Z0-9]+',
        'key.name',
        'KEY_NAME',
        'key-name',
      ),
    )
  }
  if (text === '.') complaints.push("must not be '.'")
  if (text === '..') complaints.push("must not be '..'")
  else if (text.startsWith('..')) complaints.push("must not start with '..'")
  return complaints
}

export const PORT_RANGE = 'must be between 1 and 65535, inclusive'
export function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65535
}

/** `1.2.3.4` */
export function isIPv4(text: string): boolean {
  return /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/.test(text)
}
