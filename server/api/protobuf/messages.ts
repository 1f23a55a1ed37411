// The wire format of the kinds served here, as facts: for each message its fields, their numbers and types, as the
// generated.proto files of k8s.io/api and k8s.io/apimachinery (v1) number them. `...` is a field whose own fields stand
// beside its neighbours in JSON, `[]` a list, `{}` a map from strings, `!` a value that says something even when it is zero.

export const MESSAGES = `
AWSElasticBlockStoreVolumeSource: volumeID 1 string!, fsType 2 string, partition 3 int, readOnly 4 bool
Affinity: nodeAffinity 1 NodeAffinity, podAffinity 2 PodAffinity, podAntiAffinity 3 PodAntiAffinity
AggregationRule: clusterRoleSelectors 1 []LabelSelector
AppArmorProfile: type 1 string!, localhostProfile 2 string!
AttachedVolume: name 1 string!, devicePath 2 string!
AzureDiskVolumeSource: diskName 1 string!, diskURI 2 string!, cachingMode 3 string!, fsType 4 string!, readOnly 5 bool!, kind 6 string!
AzureFileVolumeSource: secretName 1 string!, shareName 2 string!, readOnly 3 bool
Binding: metadata 1 ObjectMeta, target 2 ObjectReference
BoundObjectReference: kind 1 string, apiVersion 2 string, name 3 string, uid 4 string
CSIVolumeSource: driver 1 string!, readOnly 2 bool!, fsType 3 string!, volumeAttributes 4 {}string, nodePublishSecretRef 5 LocalObjectReference
Capabilities: add 1 []string, drop 2 []string
CephFSVolumeSource: monitors 1 []string, path 2 string, user 3 string, secretFile 4 string, secretRef 5 LocalObjectReference, readOnly 6 bool
CinderVolumeSource: volumeID 1 string!, fsType 2 string, readOnly 3 bool, secretRef 4 LocalObjectReference
CertificateSigningRequest: metadata 1 ObjectMeta, spec 2 CertificateSigningRequestSpec, status 3 CertificateSigningRequestStatus
CertificateSigningRequestCondition: type 1 string!, status 6 string!, reason 2 string, message 3 string, lastUpdateTime 4 Time, lastTransitionTime 5 Time
CertificateSigningRequestSpec: request 1 bytes, signerName 7 string!, expirationSeconds 8 int!, usages 5 []string, username 2 string, uid 3 string, groups 4 []string
CertificateSigningRequestStatus: conditions 1 []CertificateSigningRequestCondition, certificate 2 bytes
ClientIPConfig: timeoutSeconds 1 int!
ClusterRole: metadata 1 ObjectMeta, rules 2 []PolicyRule, aggregationRule 3 AggregationRule
ClusterRoleBinding: metadata 1 ObjectMeta, subjects 2 []Subject, roleRef 3 RoleRef
ClusterTrustBundleProjection: name 1 string!, signerName 2 string!, labelSelector 3 LabelSelector, optional 5 bool!, path 4 string!, user 6 int!
Condition: type 1 string!, status 2 string!, observedGeneration 3 int, lastTransitionTime 4 Time, reason 5 string!, message 6 string!
ConfigMap: metadata 1 ObjectMeta, immutable 4 bool!, data 2 {}string, binaryData 3 {}bytes
ConfigMapEnvSource: ... 1 LocalObjectReference, optional 2 bool!
ConfigMapKeySelector: ... 1 LocalObjectReference, key 2 string!, optional 3 bool!
ConfigMapNodeConfigSource: namespace 1 string!, name 2 string!, uid 3 string, resourceVersion 4 string, kubeletConfigKey 5 string!
ConfigMapProjection: ... 1 LocalObjectReference, items 2 []KeyToPath, optional 4 bool!
ConfigMapVolumeSource: ... 1 LocalObjectReference, items 2 []KeyToPath, defaultMode 3 int!, optional 4 bool!, defaultUser 5 int!
Container: name 1 string!, image 2 string, command 3 []string, args 4 []string, workingDir 5 string, ports 6 []ContainerPort, envFrom 19 []EnvFromSource, env 7 []EnvVar, resources 8 ResourceRequirements, resizePolicy 23 []ContainerResizePolicy, restartPolicy 24 string!, restartPolicyRules 25 []ContainerRestartRule, volumeMounts 9 []VolumeMount, volumeDevices 21 []VolumeDevice, livenessProbe 10 Probe, readinessProbe 11 Probe, startupProbe 22 Probe, lifecycle 12 Lifecycle, terminationMessagePath 13 string, terminationMessagePolicy 20 string, imagePullPolicy 14 string, securityContext 15 SecurityContext, stdin 16 bool, stdinOnce 17 bool, tty 18 bool
ContainerExtendedResourceRequest: containerName 1 string!, resourceName 2 string!, requestName 3 string!
ContainerImage: names 1 []string, sizeBytes 2 int
ContainerPort: name 1 string, hostPort 2 int, containerPort 3 int!, protocol 4 string, hostIP 5 string
ContainerResizePolicy: resourceName 1 string!, restartPolicy 2 string!
ContainerResourceMetricSource: name 1 string!, target 2 MetricTarget, container 3 string!
ContainerResourceMetricStatus: name 1 string!, current 2 MetricValueStatus, container 3 string!
ContainerRestartRule: action 1 string, exitCodes 2 ContainerRestartRuleOnExitCodes
ContainerRestartRuleOnExitCodes: operator 1 string, values 2 []int
ContainerState: waiting 1 ContainerStateWaiting, running 2 ContainerStateRunning, terminated 3 ContainerStateTerminated
ContainerStateRunning: startedAt 1 Time
ContainerStateTerminated: exitCode 1 int!, signal 2 int, reason 3 string, message 4 string, startedAt 5 Time, finishedAt 6 Time, containerID 7 string
ContainerStateWaiting: reason 1 string, message 2 string
ContainerStatus: name 1 string!, state 2 ContainerState, lastState 3 ContainerState, ready 4 bool!, restartCount 5 int!, image 6 string!, imageID 7 string!, containerID 8 string, started 9 bool!, allocatedResources 10 {}Quantity, resources 11 ResourceRequirements, volumeMounts 12 []VolumeMountStatus, user 13 ContainerUser, allocatedResourcesStatus 14 []ResourceStatus, stopSignal 15 string!
ContainerUser: linux 1 LinuxContainerUser
ControllerRevision: metadata 1 ObjectMeta, data 2 RawExtension, revision 3 int!
CronJob: metadata 1 ObjectMeta, spec 2 CronJobSpec, status 3 CronJobStatus
CronJobSpec: schedule 1 string!, timeZone 8 string!, startingDeadlineSeconds 2 int!, concurrencyPolicy 3 string, suspend 4 bool!, jobTemplate 5 JobTemplateSpec, successfulJobsHistoryLimit 6 int!, failedJobsHistoryLimit 7 int!
CronJobStatus: active 1 []ObjectReference, lastScheduleTime 4 Time, lastSuccessfulTime 5 Time
CrossVersionObjectReference: kind 1 string!, name 2 string!, apiVersion 3 string
DaemonEndpoint: Port 1 int!
DaemonSet: metadata 1 ObjectMeta, spec 2 DaemonSetSpec, status 3 DaemonSetStatus
DaemonSetCondition: type 1 string!, status 2 string!, lastTransitionTime 3 Time, reason 4 string, message 5 string
DaemonSetSpec: selector 1 LabelSelector, template 2 PodTemplateSpec, updateStrategy 3 DaemonSetUpdateStrategy, minReadySeconds 4 int, revisionHistoryLimit 6 int!
DaemonSetStatus: currentNumberScheduled 1 int!, numberMisscheduled 2 int!, desiredNumberScheduled 3 int!, numberReady 4 int!, observedGeneration 5 int, updatedNumberScheduled 6 int, numberAvailable 7 int, numberUnavailable 8 int, collisionCount 9 int!, conditions 10 []DaemonSetCondition
DaemonSetUpdateStrategy: type 1 string, rollingUpdate 2 RollingUpdateDaemonSet
DeleteOptions: gracePeriodSeconds 1 int!, preconditions 2 Preconditions, orphanDependents 3 bool!, propagationPolicy 4 string!, dryRun 5 []string, ignoreStoreReadErrorWithClusterBreakingPotential 6 bool!
Deployment: metadata 1 ObjectMeta, spec 2 DeploymentSpec, status 3 DeploymentStatus
DeploymentCondition: type 1 string!, status 2 string!, lastUpdateTime 6 Time, lastTransitionTime 7 Time, reason 4 string, message 5 string
DeploymentSpec: replicas 1 int!, selector 2 LabelSelector, template 3 PodTemplateSpec, strategy 4 DeploymentStrategy, minReadySeconds 5 int, revisionHistoryLimit 6 int!, paused 7 bool, progressDeadlineSeconds 9 int!
DeploymentStatus: observedGeneration 1 int, replicas 2 int, updatedReplicas 3 int, readyReplicas 7 int, availableReplicas 4 int, unavailableReplicas 5 int, terminatingReplicas 9 int!, conditions 6 []DeploymentCondition, collisionCount 8 int!
DeploymentStrategy: type 1 string, rollingUpdate 2 RollingUpdateDeployment
DownwardAPIProjection: items 1 []DownwardAPIVolumeFile
DownwardAPIVolumeFile: path 1 string!, fieldRef 2 ObjectFieldSelector, resourceFieldRef 3 ResourceFieldSelector, mode 4 int!, user 5 int!
DownwardAPIVolumeSource: items 1 []DownwardAPIVolumeFile, defaultMode 2 int!, defaultUser 3 int!
EmptyDirVolumeSource: medium 1 string, sizeLimit 2 Quantity!, mode 3 int!
Endpoint: addresses 1 []string, conditions 2 EndpointConditions, hostname 3 string!, targetRef 4 ObjectReference, deprecatedTopology 5 {}string, nodeName 6 string!, zone 7 string!, hints 8 EndpointHints
EndpointAddress: ip 1 string!, hostname 3 string, nodeName 4 string!, targetRef 2 ObjectReference
EndpointConditions: ready 1 bool!, serving 2 bool!, terminating 3 bool!
EndpointHints: forZones 1 []ForZone, forNodes 2 []ForNode
EndpointPort: name 1 string, port 2 int!, protocol 3 string, appProtocol 4 string!
EndpointSlice: metadata 1 ObjectMeta, addressType 4 string!, endpoints 2 []Endpoint, ports 3 []SliceEndpointPort
EndpointSubset: addresses 1 []EndpointAddress, notReadyAddresses 2 []EndpointAddress, ports 3 []EndpointPort
Endpoints: metadata 1 ObjectMeta, subsets 2 []EndpointSubset
EnvFromSource: prefix 1 string, configMapRef 2 ConfigMapEnvSource, secretRef 3 SecretEnvSource
EnvVar: name 1 string!, value 2 string, valueFrom 3 EnvVarSource
EnvVarSource: fieldRef 1 ObjectFieldSelector, resourceFieldRef 2 ResourceFieldSelector, configMapKeyRef 3 ConfigMapKeySelector, secretKeyRef 4 SecretKeySelector, fileKeyRef 5 FileKeySelector
EphemeralContainer: ... 1 EphemeralContainerCommon, targetContainerName 2 string
EphemeralContainerCommon: name 1 string!, image 2 string, command 3 []string, args 4 []string, workingDir 5 string, ports 6 []ContainerPort, envFrom 19 []EnvFromSource, env 7 []EnvVar, resources 8 ResourceRequirements, resizePolicy 23 []ContainerResizePolicy, restartPolicy 24 string!, restartPolicyRules 25 []ContainerRestartRule, volumeMounts 9 []VolumeMount, volumeDevices 21 []VolumeDevice, livenessProbe 10 Probe, readinessProbe 11 Probe, startupProbe 22 Probe, lifecycle 12 Lifecycle, terminationMessagePath 13 string, terminationMessagePolicy 20 string, imagePullPolicy 14 string, securityContext 15 SecurityContext, stdin 16 bool, stdinOnce 17 bool, tty 18 bool
EphemeralVolumeSource: volumeClaimTemplate 1 PersistentVolumeClaimTemplate
Event: metadata 1 ObjectMeta, involvedObject 2 ObjectReference, reason 3 string, message 4 string, source 5 EventSource, firstTimestamp 6 Time, lastTimestamp 7 Time, count 8 int, type 9 string, eventTime 10 MicroTime, series 11 EventSeries, action 12 string, related 13 ObjectReference, reportingComponent 14 string!, reportingInstance 15 string!
EventSeries: count 1 int, lastObservedTime 2 MicroTime
EventSource: component 1 string, host 2 string
Eviction: metadata 1 ObjectMeta, deleteOptions 2 DeleteOptions
EvictionResponder: name 1 string!, priority 2 int!
ExecAction: command 1 []string
ExternalMetricSource: metric 1 MetricIdentifier, target 2 MetricTarget
ExternalMetricStatus: metric 1 MetricIdentifier, current 2 MetricValueStatus
FCVolumeSource: targetWWNs 1 []string, lun 2 int!, fsType 3 string, readOnly 4 bool, wwids 5 []string
FieldSelectorAttributes: rawSelector 1 string, requirements 2 []FieldSelectorRequirement
FieldSelectorRequirement: key 1 string!, operator 2 string!, values 3 []string
FileKeySelector: volumeName 1 string!, path 2 string!, key 3 string!, optional 4 bool!
FlexVolumeSource: driver 1 string!, fsType 2 string, secretRef 3 LocalObjectReference, readOnly 4 bool, options 5 {}string
FlockerVolumeSource: datasetName 1 string, datasetUUID 2 string
ForNode: name 1 string!
ForZone: name 1 string!
GCEPersistentDiskVolumeSource: pdName 1 string!, fsType 2 string, partition 3 int, readOnly 4 bool
GRPCAction: port 1 int!, service 2 string!, mode 3 string!
GitRepoVolumeSource: repository 1 string!, revision 2 string, directory 3 string
GlusterfsVolumeSource: endpoints 1 string!, path 2 string!, readOnly 3 bool
HPAScalingPolicy: type 1 string!, value 2 int!, periodSeconds 3 int!
HPAScalingRules: selectPolicy 1 string!, policies 2 []HPAScalingPolicy, stabilizationWindowSeconds 3 int!, tolerance 4 Quantity
HTTPGetAction: path 1 string, port 2 IntOrString, host 3 string, scheme 4 string, httpHeaders 5 []HTTPHeader, protocol 6 string!
HTTPHeader: name 1 string!, value 2 string!
HTTPIngressPath: path 1 string, pathType 3 string!, backend 2 IngressBackend
HTTPIngressRuleValue: paths 1 []HTTPIngressPath
HorizontalPodAutoscaler: metadata 1 ObjectMeta, spec 2 HorizontalPodAutoscalerSpec, status 3 HorizontalPodAutoscalerStatus
HorizontalPodAutoscalerBehavior: scaleUp 1 HPAScalingRules, scaleDown 2 HPAScalingRules
HorizontalPodAutoscalerCondition: type 1 string!, status 2 string!, lastTransitionTime 3 Time, reason 4 string, message 5 string, observedGeneration 6 int
HorizontalPodAutoscalerSpec: scaleTargetRef 1 CrossVersionObjectReference, minReplicas 2 int!, maxReplicas 3 int!, metrics 4 []MetricSpec, behavior 5 HorizontalPodAutoscalerBehavior
HorizontalPodAutoscalerStatus: observedGeneration 1 int!, lastScaleTime 2 Time, currentReplicas 3 int, desiredReplicas 4 int!, currentMetrics 5 []MetricStatus, conditions 6 []HorizontalPodAutoscalerCondition
HostAlias: ip 1 string!, hostnames 2 []string
HostIP: ip 1 string!
HostPathVolumeSource: path 1 string!, type 2 string!
IPBlock: cidr 1 string, except 2 []string
ISCSIVolumeSource: targetPortal 1 string!, iqn 2 string!, lun 3 int!, iscsiInterface 4 string, fsType 5 string, readOnly 6 bool, portals 7 []string, chapAuthDiscovery 8 bool, chapAuthSession 11 bool, secretRef 10 LocalObjectReference, initiatorName 12 string!
ImageVolumeSource: reference 1 string, pullPolicy 2 string
ImageVolumeStatus: imageRef 1 string
Ingress: metadata 1 ObjectMeta, spec 2 IngressSpec, status 3 IngressStatus
IngressBackend: service 4 IngressServiceBackend, resource 3 TypedLocalObjectReference
IngressClass: metadata 1 ObjectMeta, spec 2 IngressClassSpec
IngressClassParametersReference: apiGroup 1 string!, kind 2 string!, name 3 string!, scope 4 string!, namespace 5 string!
IngressClassSpec: controller 1 string, parameters 2 IngressClassParametersReference
IngressLoadBalancerIngress: ip 1 string, hostname 2 string, ports 4 []IngressPortStatus
IngressLoadBalancerStatus: ingress 1 []IngressLoadBalancerIngress
IngressPortStatus: port 1 int!, protocol 2 string!, error 3 string!
IngressRule: host 1 string, ... 2 IngressRuleValue
IngressRuleValue: http 1 HTTPIngressRuleValue
IngressServiceBackend: name 1 string!, port 2 ServiceBackendPort
IngressSpec: ingressClassName 4 string!, defaultBackend 1 IngressBackend, tls 2 []IngressTLS, rules 3 []IngressRule
IngressStatus: loadBalancer 1 IngressLoadBalancerStatus
IngressTLS: hosts 1 []string, secretName 2 string
Job: metadata 1 ObjectMeta, spec 2 JobSpec, status 3 JobStatus
JobCondition: type 1 string!, status 2 string!, lastProbeTime 3 Time, lastTransitionTime 4 Time, reason 5 string, message 6 string
JobSpec: parallelism 1 int!, completions 2 int!, activeDeadlineSeconds 3 int!, podFailurePolicy 11 PodFailurePolicy, successPolicy 16 SuccessPolicy, backoffLimit 7 int!, backoffLimitPerIndex 12 int!, maxFailedIndexes 13 int!, selector 4 LabelSelector, manualSelector 5 bool!, template 6 PodTemplateSpec, ttlSecondsAfterFinished 8 int!, completionMode 9 string!, suspend 10 bool!, podReplacementPolicy 14 string!, managedBy 15 string!
JobStatus: conditions 1 []JobCondition, startTime 2 Time, completionTime 3 Time, active 4 int, succeeded 5 int, failed 6 int, terminating 11 int!, completedIndexes 7 string, failedIndexes 10 string!, uncountedTerminatedPods 8 UncountedTerminatedPods, ready 9 int!
JobTemplateSpec: metadata 1 ObjectMeta, spec 2 JobSpec
KeyToPath: key 1 string!, path 2 string!, mode 3 int!, user 4 int!
LabelSelector: matchLabels 1 {}string, matchExpressions 2 []LabelSelectorRequirement
LabelSelectorAttributes: rawSelector 1 string, requirements 2 []LabelSelectorRequirement
LabelSelectorRequirement: key 1 string!, operator 2 string!, values 3 []string
Lease: metadata 1 ObjectMeta, spec 2 LeaseSpec
LeaseSpec: holderIdentity 1 string!, leaseDurationSeconds 2 int!, acquireTime 3 MicroTime, renewTime 4 MicroTime, leaseTransitions 5 int!, strategy 6 string!, preferredHolder 7 string!
Lifecycle: postStart 1 LifecycleHandler, preStop 2 LifecycleHandler, stopSignal 3 string!
LifecycleHandler: exec 1 ExecAction, httpGet 2 HTTPGetAction, tcpSocket 3 TCPSocketAction, sleep 4 SleepAction
LimitRange: metadata 1 ObjectMeta, spec 2 LimitRangeSpec
LimitRangeItem: type 1 string!, max 2 {}Quantity, min 3 {}Quantity, default 4 {}Quantity, defaultRequest 5 {}Quantity, maxLimitRequestRatio 6 {}Quantity
LimitRangeSpec: limits 1 []LimitRangeItem
LinuxContainerUser: uid 1 int!, gid 2 int!, supplementalGroups 3 []int
LoadBalancerIngress: ip 1 string, hostname 2 string, ipMode 3 string!, ports 4 []PortStatus
LoadBalancerStatus: ingress 1 []LoadBalancerIngress
LocalObjectReference: name 1 string
LocalSubjectAccessReview: metadata 1 ObjectMeta, spec 2 SubjectAccessReviewSpec, status 3 SubjectAccessReviewStatus
MetricIdentifier: name 1 string!, selector 2 LabelSelector
MetricSpec: type 1 string!, object 2 ObjectMetricSource, pods 3 PodsMetricSource, resource 4 ResourceMetricSource, external 5 ExternalMetricSource, containerResource 7 ContainerResourceMetricSource
MetricStatus: type 1 string!, object 2 ObjectMetricStatus, pods 3 PodsMetricStatus, resource 4 ResourceMetricStatus, external 5 ExternalMetricStatus, containerResource 7 ContainerResourceMetricStatus
MetricTarget: type 1 string!, value 2 Quantity, averageValue 3 Quantity, averageUtilization 4 int!
MetricValueStatus: value 1 Quantity, averageValue 2 Quantity, averageUtilization 3 int!
LocalVolumeSource: path 1 string!, fsType 2 string!
ModifyVolumeStatus: targetVolumeAttributesClassName 1 string, status 2 string!
NFSVolumeSource: server 1 string!, path 2 string!, readOnly 3 bool
Namespace: metadata 1 ObjectMeta, spec 2 NamespaceSpec, status 3 NamespaceStatus
NamespaceCondition: type 1 string!, status 2 string!, lastTransitionTime 4 Time, reason 5 string, message 6 string
NamespaceSpec: finalizers 1 []string
NamespaceStatus: phase 1 string, conditions 2 []NamespaceCondition
NetworkPolicy: metadata 1 ObjectMeta, spec 2 NetworkPolicySpec
NetworkPolicyEgressRule: ports 1 []NetworkPolicyPort, to 2 []NetworkPolicyPeer
NetworkPolicyIngressRule: ports 1 []NetworkPolicyPort, from 2 []NetworkPolicyPeer
NetworkPolicyPeer: podSelector 1 LabelSelector, namespaceSelector 2 LabelSelector, ipBlock 3 IPBlock
NetworkPolicyPort: protocol 1 string!, port 2 IntOrString, endPort 3 int!
NetworkPolicySpec: podSelector 1 LabelSelector, ingress 2 []NetworkPolicyIngressRule, egress 3 []NetworkPolicyEgressRule, policyTypes 4 []string
Node: metadata 1 ObjectMeta, spec 2 NodeSpec, status 3 NodeStatus
NodeAddress: type 1 string!, address 2 string!
NodeAffinity: requiredDuringSchedulingIgnoredDuringExecution 1 NodeSelector, preferredDuringSchedulingIgnoredDuringExecution 2 []PreferredSchedulingTerm
NodeAllocatableMappedResources: name 1 string!, quantity 2 Quantity!
NodeAllocatableOverheadResources: name 1 string!, perPod 2 Quantity!, perContainer 3 Quantity!
NodeAllocatableResourceClaimStatus: resourceClaimName 1 string!, containers 2 []string, mapping 4 []NodeAllocatableMappedResources, overhead 5 []NodeAllocatableOverheadResources
NodeCondition: type 1 string!, status 2 string!, lastHeartbeatTime 3 Time, lastTransitionTime 4 Time, reason 5 string, message 6 string
NodeConfigSource: configMap 2 ConfigMapNodeConfigSource
NodeConfigStatus: assigned 1 NodeConfigSource, active 2 NodeConfigSource, lastKnownGood 3 NodeConfigSource, error 4 string
NodeDaemonEndpoints: kubeletEndpoint 1 DaemonEndpoint
NodeFeatures: supplementalGroupsPolicy 1 bool!
NodePodPreemptionPolicy: disableResizePreemption 1 []string
NodeRuntimeHandler: name 1 string!, features 2 NodeRuntimeHandlerFeatures
NodeRuntimeHandlerFeatures: recursiveReadOnlyMounts 1 bool!, userNamespaces 2 bool!
NodeSelector: nodeSelectorTerms 1 []NodeSelectorTerm
NodeSelectorRequirement: key 1 string!, operator 2 string!, values 3 []string
NodeSelectorTerm: matchExpressions 1 []NodeSelectorRequirement, matchFields 2 []NodeSelectorRequirement
NodeSpec: podCIDR 1 string, podCIDRs 7 []string, providerID 3 string, unschedulable 4 bool, taints 5 []Taint, configSource 6 NodeConfigSource, externalID 2 string, podPreemptionPolicy 8 NodePodPreemptionPolicy
NodeStatus: capacity 1 {}Quantity, allocatable 2 {}Quantity, phase 3 string, conditions 4 []NodeCondition, addresses 5 []NodeAddress, daemonEndpoints 6 NodeDaemonEndpoints, nodeInfo 7 NodeSystemInfo, images 8 []ContainerImage, volumesInUse 9 []string, volumesAttached 10 []AttachedVolume, config 11 NodeConfigStatus, runtimeHandlers 12 []NodeRuntimeHandler, features 13 NodeFeatures, declaredFeatures 14 []string
NodeSwapStatus: capacity 1 int!
NodeSystemInfo: machineID 1 string!, systemUUID 2 string!, bootID 3 string!, kernelVersion 4 string!, osImage 5 string!, containerRuntimeVersion 6 string!, kubeletVersion 7 string!, kubeProxyVersion 8 string!, operatingSystem 9 string!, architecture 10 string!, swap 11 NodeSwapStatus
NonResourceAttributes: path 1 string, verb 2 string
NonResourceRule: verbs 1 []string, nonResourceURLs 2 []string
ObjectFieldSelector: apiVersion 1 string, fieldPath 2 string!
ObjectMeta: name 1 string, generateName 2 string, namespace 3 string, selfLink 4 string, uid 5 string, resourceVersion 6 string, generation 7 int, creationTimestamp 8 Time, deletionTimestamp 9 Time, deletionGracePeriodSeconds 10 int!, labels 11 {}string, annotations 12 {}string, ownerReferences 13 []OwnerReference, finalizers 14 []string
ObjectMetricSource: describedObject 1 CrossVersionObjectReference, target 2 MetricTarget, metric 3 MetricIdentifier
ObjectMetricStatus: metric 1 MetricIdentifier, current 2 MetricValueStatus, describedObject 3 CrossVersionObjectReference
ObjectReference: kind 1 string, namespace 2 string, name 3 string, uid 4 string, apiVersion 5 string, resourceVersion 6 string, fieldPath 7 string
OwnerReference: apiVersion 5 string!, kind 1 string!, name 3 string!, uid 4 string!, controller 6 bool!, blockOwnerDeletion 7 bool!
PersistentVolume: metadata 1 ObjectMeta, spec 2 PersistentVolumeSpec, status 3 PersistentVolumeStatus
PersistentVolumeClaim: metadata 1 ObjectMeta, spec 2 PersistentVolumeClaimSpec, status 3 PersistentVolumeClaimStatus
PersistentVolumeClaimCondition: type 1 string!, status 2 string!, lastProbeTime 3 Time, lastTransitionTime 4 Time, reason 5 string, message 6 string
PersistentVolumeClaimSpec: accessModes 1 []string, selector 4 LabelSelector, resources 2 VolumeResourceRequirements, volumeName 3 string, storageClassName 5 string!, volumeMode 6 string!, dataSource 7 TypedLocalObjectReference, dataSourceRef 8 TypedObjectReference, volumeAttributesClassName 9 string!
PersistentVolumeClaimStatus: phase 1 string, accessModes 2 []string, capacity 3 {}Quantity, conditions 4 []PersistentVolumeClaimCondition, allocatedResources 5 {}Quantity, allocatedResourceStatuses 7 {}string, currentVolumeAttributesClassName 8 string!, modifyVolumeStatus 9 ModifyVolumeStatus
PersistentVolumeClaimTemplate: metadata 1 ObjectMeta, spec 2 PersistentVolumeClaimSpec
PersistentVolumeClaimVolumeSource: claimName 1 string!, readOnly 2 bool
PersistentVolumeSource: hostPath 3 HostPathVolumeSource, nfs 5 NFSVolumeSource, fc 10 FCVolumeSource, local 20 LocalVolumeSource
PersistentVolumeSpec: capacity 1 {}Quantity, ... 2 PersistentVolumeSource, accessModes 3 []string, claimRef 4 ObjectReference, persistentVolumeReclaimPolicy 5 string, storageClassName 6 string, mountOptions 7 []string, volumeMode 8 string!, nodeAffinity 9 VolumeNodeAffinity, volumeAttributesClassName 10 string!
PersistentVolumeStatus: phase 1 string, message 2 string, reason 3 string, lastPhaseTransitionTime 4 Time
PhotonPersistentDiskVolumeSource: pdID 1 string!, fsType 2 string
Pod: metadata 1 ObjectMeta, spec 2 PodSpec, status 3 PodStatus
PodAffinity: requiredDuringSchedulingIgnoredDuringExecution 1 []PodAffinityTerm, preferredDuringSchedulingIgnoredDuringExecution 2 []WeightedPodAffinityTerm
PodAffinityTerm: labelSelector 1 LabelSelector, namespaces 2 []string, topologyKey 3 string!, namespaceSelector 4 LabelSelector, matchLabelKeys 5 []string, mismatchLabelKeys 6 []string
PodAntiAffinity: requiredDuringSchedulingIgnoredDuringExecution 1 []PodAffinityTerm, preferredDuringSchedulingIgnoredDuringExecution 2 []WeightedPodAffinityTerm
PodCertificateProjection: signerName 1 string, keyType 2 string, maxExpirationSeconds 3 int!, credentialBundlePath 4 string, keyPath 5 string, certificateChainPath 6 string, userAnnotations 7 {}string, user 8 int!
PodCondition: type 1 string!, observedGeneration 7 int, status 2 string!, lastProbeTime 3 Time, lastTransitionTime 4 Time, reason 5 string, message 6 string
PodDNSConfig: nameservers 1 []string, searches 2 []string, options 3 []PodDNSConfigOption
PodDNSConfigOption: name 1 string, value 2 string!
PodDisruptionBudget: metadata 1 ObjectMeta, spec 2 PodDisruptionBudgetSpec, status 3 PodDisruptionBudgetStatus
PodDisruptionBudgetSpec: minAvailable 1 IntOrString, selector 2 LabelSelector, maxUnavailable 3 IntOrString, unhealthyPodEvictionPolicy 4 string
PodDisruptionBudgetStatus: observedGeneration 1 int, disruptedPods 2 {}Time, disruptionsAllowed 3 int!, currentHealthy 4 int!, desiredHealthy 5 int!, expectedPods 6 int!, conditions 7 []Condition
PodExtendedResourceClaimStatus: requestMappings 1 []ContainerExtendedResourceRequest, resourceClaimName 2 string!
PodFailurePolicy: rules 1 []PodFailurePolicyRule
PodFailurePolicyOnExitCodesRequirement: containerName 1 string!, operator 2 string!, values 3 []int
PodFailurePolicyOnPodConditionsPattern: type 1 string!, status 2 string!
PodFailurePolicyRule: action 1 string!, onExitCodes 2 PodFailurePolicyOnExitCodesRequirement, onPodConditions 3 []PodFailurePolicyOnPodConditionsPattern
PodIP: ip 1 string!
PodOS: name 1 string!
PodReadinessGate: conditionType 1 string!
PodResourceClaim: name 1 string!, resourceClaimName 3 string!, resourceClaimTemplateName 4 string!
PodResourceClaimStatus: name 1 string!, resourceClaimName 2 string!
PodSchedulingGate: name 1 string!
PodSchedulingGroup: podGroupName 1 string!
PodSecurityContext: seLinuxOptions 1 SELinuxOptions, windowsOptions 8 WindowsSecurityContextOptions, runAsUser 2 int!, runAsGroup 6 int!, runAsNonRoot 3 bool!, supplementalGroups 4 []int, supplementalGroupsPolicy 12 string!, fsGroup 5 int!, sysctls 7 []Sysctl, fsGroupChangePolicy 9 string!, seccompProfile 10 SeccompProfile, appArmorProfile 11 AppArmorProfile, seLinuxChangePolicy 13 string!
PodSpec: volumes 1 []Volume, initContainers 20 []Container, containers 2 []Container, ephemeralContainers 34 []EphemeralContainer, restartPolicy 3 string, terminationGracePeriodSeconds 4 int!, activeDeadlineSeconds 5 int!, dnsPolicy 6 string, nodeSelector 7 {}string, serviceAccountName 8 string, serviceAccount 9 string, automountServiceAccountToken 21 bool!, nodeName 10 string, hostNetwork 11 bool, hostPID 12 bool, hostIPC 13 bool, shareProcessNamespace 27 bool!, securityContext 14 PodSecurityContext, imagePullSecrets 15 []LocalObjectReference, hostname 16 string, subdomain 17 string, affinity 18 Affinity, schedulerName 19 string, tolerations 22 []Toleration, hostAliases 23 []HostAlias, priorityClassName 24 string, priority 25 int!, dnsConfig 26 PodDNSConfig, readinessGates 28 []PodReadinessGate, runtimeClassName 29 string!, enableServiceLinks 30 bool!, preemptionPolicy 31 string!, overhead 32 {}Quantity, topologySpreadConstraints 33 []TopologySpreadConstraint, setHostnameAsFQDN 35 bool!, os 36 PodOS, hostUsers 37 bool!, schedulingGates 38 []PodSchedulingGate, resourceClaims 39 []PodResourceClaim, resources 40 ResourceRequirements, hostnameOverride 41 string!, schedulingGroup 43 PodSchedulingGroup, evictionResponders 44 []EvictionResponder
PodStatus: observedGeneration 17 int, phase 1 string, conditions 2 []PodCondition, message 3 string, reason 4 string, nominatedNodeName 11 string, hostIP 5 string, hostIPs 16 []HostIP, podIP 6 string, podIPs 12 []PodIP, startTime 7 Time, initContainerStatuses 10 []ContainerStatus, containerStatuses 8 []ContainerStatus, qosClass 9 string, ephemeralContainerStatuses 13 []ContainerStatus, resize 14 string, resourceClaimStatuses 15 []PodResourceClaimStatus, extendedResourceClaimStatus 18 PodExtendedResourceClaimStatus, allocatedResources 19 {}Quantity, resources 20 ResourceRequirements, nodeAllocatableResourceClaimStatuses 21 []NodeAllocatableResourceClaimStatus, volumeHealth 22 []PodVolumeHealth
PodTemplate: metadata 1 ObjectMeta, template 2 PodTemplateSpec
PodTemplateSpec: metadata 1 ObjectMeta, spec 2 PodSpec
PodVolumeHealth: name 1 string!, healthConditions 2 []VolumeHealthCondition, lastTransitionTime 3 Time
PodsMetricSource: metric 1 MetricIdentifier, target 2 MetricTarget
PodsMetricStatus: metric 1 MetricIdentifier, current 2 MetricValueStatus
PolicyRule: verbs 1 []string, apiGroups 2 []string, resources 3 []string, resourceNames 4 []string, nonResourceURLs 5 []string
PortStatus: port 1 int!, protocol 2 string!, error 3 string!
PortworxVolumeSource: volumeID 1 string!, fsType 2 string, readOnly 3 bool
Preconditions: uid 1 string!, resourceVersion 2 string!
PreferredSchedulingTerm: weight 1 int!, preference 2 NodeSelectorTerm
PriorityClass: metadata 1 ObjectMeta, value 2 int!, globalDefault 3 bool!, description 4 string!, preemptionPolicy 5 string!
Probe: ... 1 ProbeHandler, initialDelaySeconds 2 int, timeoutSeconds 3 int, periodSeconds 4 int, successThreshold 5 int, failureThreshold 6 int, terminationGracePeriodSeconds 7 int!
ProbeHandler: exec 1 ExecAction, httpGet 2 HTTPGetAction, tcpSocket 3 TCPSocketAction, grpc 4 GRPCAction
ProjectedVolumeSource: sources 1 []VolumeProjection, defaultMode 2 int!, defaultUser 3 int!
QuobyteVolumeSource: registry 1 string!, volume 2 string!, readOnly 3 bool, user 4 string, group 5 string, tenant 6 string
RBDVolumeSource: monitors 1 []string, image 2 string!, fsType 3 string, pool 4 string, user 5 string, keyring 6 string, secretRef 7 LocalObjectReference, readOnly 8 bool
RawExtension: raw 1 bytes
ReplicaSet: metadata 1 ObjectMeta, spec 2 ReplicaSetSpec, status 3 ReplicaSetStatus
ReplicaSetCondition: type 1 string!, status 2 string!, lastTransitionTime 3 Time, reason 4 string, message 5 string
ReplicaSetSpec: replicas 1 int!, minReadySeconds 4 int, selector 2 LabelSelector, template 3 PodTemplateSpec
ReplicaSetStatus: replicas 1 int!, fullyLabeledReplicas 2 int, readyReplicas 4 int, availableReplicas 5 int, terminatingReplicas 7 int!, observedGeneration 3 int, conditions 6 []ReplicaSetCondition
ReplicationController: metadata 1 ObjectMeta, spec 2 ReplicationControllerSpec, status 3 ReplicationControllerStatus
ReplicationControllerCondition: type 1 string!, status 2 string!, lastTransitionTime 3 Time, reason 4 string, message 5 string
ReplicationControllerSpec: replicas 1 int!, minReadySeconds 4 int, selector 2 {}string, template 3 PodTemplateSpec
ReplicationControllerStatus: replicas 1 int!, fullyLabeledReplicas 2 int, readyReplicas 4 int, availableReplicas 5 int, observedGeneration 3 int, conditions 6 []ReplicationControllerCondition
ResourceAttributes: namespace 1 string, verb 2 string, group 3 string, version 4 string, resource 5 string, subresource 6 string, name 7 string, fieldSelector 8 FieldSelectorAttributes, labelSelector 9 LabelSelectorAttributes
ResourceClaim: name 1 string!, request 2 string
ResourceFieldSelector: containerName 1 string, resource 2 string!, divisor 3 Quantity
ResourceHealth: resourceID 1 string!, health 2 string, message 6 string!
ResourceMetricSource: name 1 string!, target 2 MetricTarget
ResourceMetricStatus: name 1 string!, current 2 MetricValueStatus
ResourceQuota: metadata 1 ObjectMeta, spec 2 ResourceQuotaSpec, status 3 ResourceQuotaStatus
ResourceQuotaSpec: hard 1 {}Quantity, scopes 2 []string, scopeSelector 3 ScopeSelector
ResourceQuotaStatus: hard 1 {}Quantity, used 2 {}Quantity
ResourceRequirements: limits 1 {}Quantity, requests 2 {}Quantity, claims 3 []ResourceClaim
ResourceRule: verbs 1 []string, apiGroups 2 []string, resources 3 []string, resourceNames 4 []string
ResourceStatus: name 1 string!, resources 2 []ResourceHealth
RollingUpdateDaemonSet: maxUnavailable 1 IntOrString, maxSurge 2 IntOrString
Role: metadata 1 ObjectMeta, rules 2 []PolicyRule
RoleBinding: metadata 1 ObjectMeta, subjects 2 []Subject, roleRef 3 RoleRef
RoleRef: apiGroup 1 string!, kind 2 string!, name 3 string!
RollingUpdateDeployment: maxUnavailable 1 IntOrString, maxSurge 2 IntOrString
RollingUpdateStatefulSetStrategy: partition 1 int!, maxUnavailable 2 IntOrString
SELinuxOptions: user 1 string, role 2 string, type 3 string, level 4 string
Scale: metadata 1 ObjectMeta, spec 2 ScaleSpec, status 3 ScaleStatus
ScaleIOVolumeSource: gateway 1 string!, system 2 string!, secretRef 3 LocalObjectReference, sslEnabled 4 bool, protectionDomain 5 string, storagePool 6 string, storageMode 7 string, volumeName 8 string, fsType 9 string, readOnly 10 bool
ScaleSpec: replicas 1 int
ScaleStatus: replicas 1 int!, selector 2 string
ScopeSelector: matchExpressions 1 []ScopedResourceSelectorRequirement
ScopedResourceSelectorRequirement: scopeName 1 string!, operator 2 string!, values 3 []string
SeccompProfile: type 1 string!, localhostProfile 2 string!
Secret: metadata 1 ObjectMeta, immutable 5 bool!, data 2 {}bytes, stringData 4 {}string, type 3 string
SecretEnvSource: ... 1 LocalObjectReference, optional 2 bool!
SecretKeySelector: ... 1 LocalObjectReference, key 2 string!, optional 3 bool!
SecretProjection: ... 1 LocalObjectReference, items 2 []KeyToPath, optional 4 bool!
SecretVolumeSource: secretName 1 string, items 2 []KeyToPath, defaultMode 3 int!, optional 4 bool!, defaultUser 5 int!
SecurityContext: capabilities 1 Capabilities, privileged 2 bool!, seLinuxOptions 3 SELinuxOptions, windowsOptions 10 WindowsSecurityContextOptions, runAsUser 4 int!, runAsGroup 8 int!, runAsNonRoot 5 bool!, readOnlyRootFilesystem 6 bool!, allowPrivilegeEscalation 7 bool!, procMount 9 string!, seccompProfile 11 SeccompProfile, appArmorProfile 12 AppArmorProfile
SelfSubjectAccessReview: metadata 1 ObjectMeta, spec 2 SelfSubjectAccessReviewSpec, status 3 SubjectAccessReviewStatus
SelfSubjectAccessReviewSpec: resourceAttributes 1 ResourceAttributes, nonResourceAttributes 2 NonResourceAttributes
SelfSubjectReview: metadata 1 ObjectMeta, status 2 SelfSubjectReviewStatus
SelfSubjectReviewStatus: userInfo 1 UserInfo
SelfSubjectRulesReview: metadata 1 ObjectMeta, spec 2 SelfSubjectRulesReviewSpec, status 3 SubjectRulesReviewStatus
SelfSubjectRulesReviewSpec: namespace 1 string
Service: metadata 1 ObjectMeta, spec 2 ServiceSpec, status 3 ServiceStatus
ServiceAccount: metadata 1 ObjectMeta, secrets 2 []ObjectReference, imagePullSecrets 3 []LocalObjectReference, automountServiceAccountToken 4 bool!
ServiceAccountTokenProjection: audience 1 string, expirationSeconds 2 int!, path 3 string!, user 4 int!
ServiceBackendPort: name 1 string, number 2 int
ServicePort: name 1 string, protocol 2 string, appProtocol 6 string!, port 3 int!, targetPort 4 IntOrString, nodePort 5 int
ServiceSpec: ports 1 []ServicePort, selector 2 {}string, clusterIP 3 string, clusterIPs 18 []string, type 4 string, externalIPs 5 []string, sessionAffinity 7 string, loadBalancerIP 8 string, loadBalancerSourceRanges 9 []string, externalName 10 string, externalTrafficPolicy 11 string, healthCheckNodePort 12 int, publishNotReadyAddresses 13 bool, sessionAffinityConfig 14 SessionAffinityConfig, ipFamilies 19 []string, ipFamilyPolicy 17 string!, allocateLoadBalancerNodePorts 20 bool!, loadBalancerClass 21 string!, internalTrafficPolicy 22 string!, trafficDistribution 23 string!
ServiceStatus: loadBalancer 1 LoadBalancerStatus, conditions 2 []Condition
SessionAffinityConfig: clientIP 1 ClientIPConfig
SleepAction: seconds 1 int!
SliceEndpointPort: name 1 string!, protocol 2 string!, port 3 int!, appProtocol 4 string!
StatefulSet: metadata 1 ObjectMeta, spec 2 StatefulSetSpec, status 3 StatefulSetStatus
StatefulSetCondition: type 1 string!, status 2 string!, lastTransitionTime 3 Time, reason 4 string, message 5 string
StatefulSetOrdinals: start 1 int!
StatefulSetPersistentVolumeClaimRetentionPolicy: whenDeleted 1 string, whenScaled 2 string
StatefulSetSpec: replicas 1 int!, selector 2 LabelSelector, template 3 PodTemplateSpec, volumeClaimTemplates 4 []PersistentVolumeClaim, serviceName 5 string!, podManagementPolicy 6 string, updateStrategy 7 StatefulSetUpdateStrategy, revisionHistoryLimit 8 int!, minReadySeconds 9 int, persistentVolumeClaimRetentionPolicy 10 StatefulSetPersistentVolumeClaimRetentionPolicy, ordinals 11 StatefulSetOrdinals
StatefulSetStatus: observedGeneration 1 int, replicas 2 int!, readyReplicas 3 int, currentReplicas 4 int, updatedReplicas 5 int, currentRevision 6 string, updateRevision 7 string, collisionCount 9 int!, conditions 10 []StatefulSetCondition, availableReplicas 11 int!
StatefulSetUpdateStrategy: type 1 string, rollingUpdate 2 RollingUpdateStatefulSetStrategy
StorageClass: metadata 1 ObjectMeta, provisioner 2 string!, parameters 3 {}string, reclaimPolicy 4 string!, mountOptions 5 []string, allowVolumeExpansion 6 bool!, volumeBindingMode 7 string!, allowedTopologies 8 []TopologySelectorTerm
StorageOSVolumeSource: volumeName 1 string, volumeNamespace 2 string, fsType 3 string, readOnly 4 bool, secretRef 5 LocalObjectReference
Subject: kind 1 string!, apiGroup 2 string, name 3 string!, namespace 4 string
SubjectAccessReview: metadata 1 ObjectMeta, spec 2 SubjectAccessReviewSpec, status 3 SubjectAccessReviewStatus
SubjectAccessReviewSpec: resourceAttributes 1 ResourceAttributes, nonResourceAttributes 2 NonResourceAttributes, user 3 string, groups 4 []string, uid 6 string
SubjectAccessReviewStatus: allowed 1 bool!, reason 2 string, evaluationError 3 string, denied 4 bool
SubjectRulesReviewStatus: resourceRules 1 []ResourceRule, nonResourceRules 2 []NonResourceRule, incomplete 3 bool!, evaluationError 4 string
SuccessPolicy: rules 1 []SuccessPolicyRule
SuccessPolicyRule: succeededIndexes 1 string!, succeededCount 2 int!
Sysctl: name 1 string!, value 2 string!
TCPSocketAction: port 1 IntOrString, host 2 string
Taint: key 1 string!, value 2 string, effect 3 string!, timeAdded 4 Time
TokenRequest: metadata 1 ObjectMeta, spec 2 TokenRequestSpec, status 3 TokenRequestStatus
TokenRequestSpec: audiences 1 []string, expirationSeconds 4 int!, boundObjectRef 3 BoundObjectReference
TokenRequestStatus: token 1 string!, expirationTimestamp 2 Time
TokenReview: metadata 1 ObjectMeta, spec 2 TokenReviewSpec, status 3 TokenReviewStatus
TokenReviewSpec: token 1 string, audiences 2 []string
TokenReviewStatus: authenticated 1 bool, user 2 UserInfo, error 3 string, audiences 4 []string
Toleration: key 1 string, operator 2 string, value 3 string, effect 4 string, tolerationSeconds 5 int!
TopologySelectorLabelRequirement: key 1 string!, values 2 []string
TopologySelectorTerm: matchLabelExpressions 1 []TopologySelectorLabelRequirement
TopologySpreadConstraint: maxSkew 1 int!, topologyKey 2 string!, whenUnsatisfiable 3 string!, labelSelector 4 LabelSelector, minDomains 5 int!, nodeAffinityPolicy 6 string!, nodeTaintsPolicy 7 string!, matchLabelKeys 8 []string
TypedLocalObjectReference: apiGroup 1 string!, kind 2 string!, name 3 string!
TypedObjectReference: apiGroup 1 string!, kind 2 string!, name 3 string!, namespace 4 string!
UncountedTerminatedPods: succeeded 1 []string, failed 2 []string
UserInfo: username 1 string, uid 2 string, groups 3 []string
Volume: name 1 string!, ... 2 VolumeSource
VolumeDevice: name 1 string!, devicePath 2 string!
VolumeHealthCondition: status 1 string!, reason 2 string!, message 3 string
VolumeMount: name 1 string!, readOnly 2 bool, recursiveReadOnly 7 string!, mountPath 3 string!, subPath 4 string, mountPropagation 5 string!, subPathExpr 6 string, bindMountOptions 8 []string
VolumeMountStatus: name 1 string!, mountPath 2 string!, readOnly 3 bool, recursiveReadOnly 4 string!, volumeStatus 5 VolumeStatus
VolumeNodeAffinity: required 1 NodeSelector
VolumeProjection: secret 1 SecretProjection, downwardAPI 2 DownwardAPIProjection, configMap 3 ConfigMapProjection, serviceAccountToken 4 ServiceAccountTokenProjection, clusterTrustBundle 5 ClusterTrustBundleProjection, podCertificate 6 PodCertificateProjection
VolumeResourceRequirements: limits 1 {}Quantity, requests 2 {}Quantity
VolumeSource: hostPath 1 HostPathVolumeSource, emptyDir 2 EmptyDirVolumeSource, gcePersistentDisk 3 GCEPersistentDiskVolumeSource, awsElasticBlockStore 4 AWSElasticBlockStoreVolumeSource, gitRepo 5 GitRepoVolumeSource, secret 6 SecretVolumeSource, nfs 7 NFSVolumeSource, iscsi 8 ISCSIVolumeSource, glusterfs 9 GlusterfsVolumeSource, persistentVolumeClaim 10 PersistentVolumeClaimVolumeSource, rbd 11 RBDVolumeSource, flexVolume 12 FlexVolumeSource, cinder 13 CinderVolumeSource, cephfs 14 CephFSVolumeSource, flocker 15 FlockerVolumeSource, downwardAPI 16 DownwardAPIVolumeSource, fc 17 FCVolumeSource, azureFile 18 AzureFileVolumeSource, configMap 19 ConfigMapVolumeSource, vsphereVolume 20 VsphereVirtualDiskVolumeSource, quobyte 21 QuobyteVolumeSource, azureDisk 22 AzureDiskVolumeSource, photonPersistentDisk 23 PhotonPersistentDiskVolumeSource, projected 26 ProjectedVolumeSource, portworxVolume 24 PortworxVolumeSource, scaleIO 25 ScaleIOVolumeSource, storageos 27 StorageOSVolumeSource, csi 28 CSIVolumeSource, ephemeral 29 EphemeralVolumeSource, image 30 ImageVolumeSource
VolumeStatus: image 1 ImageVolumeStatus
VsphereVirtualDiskVolumeSource: volumePath 1 string!, fsType 2 string, storagePolicyName 3 string, storagePolicyID 4 string
WeightedPodAffinityTerm: weight 1 int!, podAffinityTerm 2 PodAffinityTerm
WindowsSecurityContextOptions: gmsaCredentialSpecName 1 string!, gmsaCredentialSpec 2 string!, runAsUserName 3 string!, hostProcess 4 bool!
`
