// `$(NAME)` in command, args and env values (k8s.io/kubernetes/third_party/forked/golang/expansion).

const REFERENCE = /\$(\$|\(([^)]*)\))/g

/** `$(NAME)` becomes the variable, `$$(NAME)` becomes `$(NAME)`, and what names no variable stays as it is. */
export function expand(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replace(REFERENCE, (whole, what: string, name: string | undefined) => {
    if (what === '$') return '$'
    return (
      (name !== undefined && Object.hasOwn(variables, name) ? variables[name] : undefined) ?? whole
    )
  })
}
