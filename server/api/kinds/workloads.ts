// What ReplicationController, ReplicaSet and Deployment have in common.
import type { KubeObject, LabelSelector } from '../../../shared/kubernetes/meta.ts'
import type { PodTemplateSpec } from '../../../shared/kubernetes/pod.ts'
import type { StatusCause } from '../../../shared/status.ts'
import { defaultPodSpec } from './podspec/defaults.ts'
import { validatePodSpec } from './podspec/validate.ts'
import {
  forbidden,
  immutable,
  invalid,
  notNegative,
  notSupported,
  required,
} from './rules/causes.ts'
import {
  isEmptySelector,
  labelsFollow,
  same,
  selectorFollows,
  selectsTemplate,
} from './rules/fields.ts'

/** Pods of a workload live on (ValidatePodTemplateSpecForRS); only jobs end. */
function restartCauses({ spec }: PodTemplateSpec): StatusCause[] {
  return spec.restartPolicy === 'Always'
    ? []
    : [notSupported('spec.template.spec.restartPolicy', spec.restartPolicy, ['Always'])]
}

/** Fills a template as a pod made of it would be filled. */
export function defaultTemplate(template: PodTemplateSpec | undefined): void {
  if (!template) return
  template.metadata ??= {}
  template.spec ??= { containers: [] }
  defaultPodSpec(template.spec)
}

/** What is wrong with any pod template (ValidatePodTemplateSpec); `at` is its field path. */
export function podTemplateCauses(template: PodTemplateSpec, at: string): StatusCause[] {
  return [
    ...labelsFollow(`${at}.metadata.labels`, template.metadata?.labels),
    ...validatePodSpec(template.spec, `${at}.spec`),
  ]
}

export function templateCauses(
  template: PodTemplateSpec | undefined,
  owner = 'ReplicaSet',
): StatusCause[] {
  if (!template) return [required('spec.template')]
  const deadline = template.spec.activeDeadlineSeconds
  return [
    ...podTemplateCauses(template, 'spec.template'),
    ...restartCauses(template),
    ...(deadline === undefined
      ? []
      : [
          forbidden(
            'spec.template.spec.activeDeadlineSeconds',
            `activeDeadlineSeconds in ${owner} is not Supported`,
          ),
        ]),
  ]
}

export function replicaCauses(spec: {
  replicas?: number
  minReadySeconds?: number
}): StatusCause[] {
  return [
    ...notNegative('spec.replicas', spec.replicas),
    ...notNegative('spec.minReadySeconds', spec.minReadySeconds),
  ]
}

/** The selector of a ReplicaSet or Deployment (`owner` is how its message names it). */
export function selectorCauses(
  selector: LabelSelector | undefined,
  template: PodTemplateSpec | undefined,
  owner: string,
): StatusCause[] {
  if (!selector) return [required('spec.selector')]
  const causes = selectorFollows('spec.selector', selector)
  if (isEmptySelector(selector)) {
    causes.push(invalid('spec.selector', selector, `empty selector is invalid for ${owner}`))
  }
  if (causes.length > 0 || !template) return causes
  return selectsTemplate(selector, template.metadata?.labels)
}

/** apps/v1 selectors stay as they were created. */
export function fixedSelector(
  object: { spec: { selector: LabelSelector } },
  old: { spec: { selector: LabelSelector } },
): StatusCause[] {
  const { selector } = object.spec
  return same(selector, old.spec.selector) ? [] : [immutable('spec.selector', selector)]
}

/** The `/scale` of a workload. */
export function scaleBy<
  T extends KubeObject & { spec: { replicas?: number }; status?: { replicas?: number } },
>(selector: (object: T) => string) {
  return {
    read: (object: T) => ({
      replicas: object.spec.replicas ?? 0,
      statusReplicas: object.status?.replicas ?? 0,
      selector: selector(object),
    }),
    write: (object: T, replicas: number) => {
      object.spec.replicas = replicas
    },
  }
}
