import { useId } from 'react'
import type { ReactNode } from 'react'
import { Button } from '../../ui/Button.tsx'
import { Segments } from '../../ui/Segments.tsx'
import type { Draft, Reach } from './manifests.ts'
import css from './ImageForm.module.css'

interface Props {
  draft: Draft
  classes: readonly string[]
  /** Whether the text is no longer the form's: then the form changes nothing of it. */
  isByHand: boolean
  onChange: (change: Partial<Draft>) => void
  /** Writes the text from the form again. */
  onRewrite: () => void
  onLeave: () => void
  onSend: () => void
}

type Typed = { [Key in keyof Draft]: Draft[Key] extends boolean ? never : Key }[keyof Draft]

const REACHES: { value: Reach; content: string }[] = [
  { value: 'pods', content: 'Pods only' },
  { value: 'service', content: 'Service' },
  { value: 'ingress', content: 'Ingress too' },
]

/** A few choices that write the YAML beside them. */
export function ImageForm(props: Props) {
  const { draft, isByHand, onRewrite, onLeave, onSend } = props
  return (
    <form
      className={css.form}
      aria-label="From an image"
      onSubmit={(event) => event.preventDefault()}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onLeave()
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) onSend()
      }}
    >
      {isByHand && (
        <p className={css.note} role="status">
          The text was changed by hand.{' '}
          <Button size="small" onPress={onRewrite}>
            Write it from the form
          </Button>
        </p>
      )}
      <fieldset className={css.all} disabled={isByHand}>
        <Runs {...props} />
        <Reached {...props} />
        <Scaled {...props} />
        {draft.isScaled && draft.cpu === '' && (
          <p className={css.note}>Percent of what? It needs a CPU request.</p>
        )}
      </fieldset>
    </form>
  )
}

function Runs({ draft, onChange }: Props) {
  const typed = typing(draft, onChange)
  return (
    <>
      <Text label="Image" isFirst {...typed('image')} />
      <Text label="Name" {...typed('name')} />
      <div className={css.pair}>
        {draft.isScaled ? (
          <p className={css.instead}>Replicas: the autoscaler's</p>
        ) : (
          <Text label="Replicas" isNumber {...typed('replicas')} />
        )}
        <Text label="Container port" isNumber {...typed('port')} />
      </div>
      <div className={css.pair}>
        <Text label="CPU request" hint="100m" {...typed('cpu')} />
        <Text label="Memory request" hint="64Mi" {...typed('memory')} />
      </div>
      <Check
        label="Limits too"
        isChecked={draft.isLimited}
        onChange={(isLimited) => onChange({ isLimited })}
      />
    </>
  )
}

function Reached({ draft, classes, onChange }: Props) {
  const typed = typing(draft, onChange)
  return (
    <Group legend="Reached by">
      <Segments
        label="Reached by"
        segments={REACHES}
        value={draft.reach}
        onPick={(reach) => onChange({ reach })}
      />
      {draft.reach !== 'pods' && (
        <div className={css.pair}>
          <Text label="Service port" isNumber {...typed('servicePort')} />
          {draft.reach === 'ingress' && (
            <label className={css.field}>
              Ingress class
              <select
                value={draft.ingressClass}
                onChange={({ target }) => onChange({ ingressClass: target.value })}
              >
                {classes.map((name) => (
                  <option key={name}>{name}</option>
                ))}
              </select>
            </label>
          )}
        </div>
      )}
      {draft.reach === 'ingress' && (
        <div className={css.pair}>
          <Text label="Host" hint="every host" {...typed('host')} />
          <Text label="Path" {...typed('path')} />
        </div>
      )}
    </Group>
  )
}

function Scaled({ draft, onChange }: Props) {
  const typed = typing(draft, onChange)
  return (
    <Group legend="Autoscaling">
      <Check
        label="Scale by CPU"
        isChecked={draft.isScaled}
        onChange={(isScaled) => onChange({ isScaled })}
      />
      {draft.isScaled && (
        <div className={css.three}>
          <Text label="Fewest" isNumber {...typed('fewest')} />
          <Text label="Most" isNumber {...typed('most')} />
          <Text label="% of request" isNumber {...typed('cpuShare')} />
        </div>
      )}
    </Group>
  )
}

const typing = (draft: Draft, onChange: Props['onChange']) => (field: Typed) => ({
  value: draft[field],
  onType: (text: string) => onChange({ [field]: text.trim() }),
})

function Group({ legend, children }: { legend: string; children: ReactNode }) {
  return (
    <fieldset className={css.group}>
      <legend>{legend}</legend>
      {children}
    </fieldset>
  )
}

const takeFocus = (input: HTMLInputElement | null): void => input?.focus()

function Text({
  label,
  value,
  hint = '',
  isNumber = false,
  isFirst = false,
  onType,
}: {
  label: string
  value: string
  hint?: string
  isNumber?: boolean
  /** Whether typing begins here. */
  isFirst?: boolean
  onType: (text: string) => void
}) {
  return (
    <label className={css.field}>
      {label}
      <input
        ref={isFirst ? takeFocus : undefined}
        value={value}
        placeholder={hint}
        inputMode={isNumber ? 'numeric' : 'text'}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => onType(event.target.value)}
      />
    </label>
  )
}

function Check({
  label,
  isChecked,
  onChange,
}: {
  label: string
  isChecked: boolean
  onChange: (isChecked: boolean) => void
}) {
  const id = useId()
  return (
    <div className={css.check}>
      <input
        id={id}
        type="checkbox"
        checked={isChecked}
        onChange={(event) => onChange(event.target.checked)}
      />
      <label htmlFor={id}>{label}</label>
    </div>
  )
}
