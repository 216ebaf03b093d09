{{- define "weir.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "weir.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else if contains (include "weir.name" .) .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "weir.name" .) | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "weir.selectorLabels" -}}
app.kubernetes.io/name: {{ include "weir.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: server
{{- end }}

{{- define "weir.labels" -}}
{{ include "weir.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "weir.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ default .Chart.AppVersion .Values.image.tag }}
{{- end }}
{{- end }}

{{- define "weir.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}{{ default (include "weir.fullname" .) .Values.serviceAccount.name }}
{{- else }}{{ default "default" .Values.serviceAccount.name }}{{ end }}
{{- end }}

{{- define "weir.secretName" -}}
{{- default (printf "%s-secrets" (include "weir.fullname" .)) .Values.secrets.existing }}
{{- end }}

{{- define "weir.redisUrl" -}}
{{- if .Values.secrets.redisUrl }}{{ .Values.secrets.redisUrl }}
{{- else if (index .Values "redis-cluster").enabled -}}
redis://:{{ required "redis-cluster.password: none (expected: one of your own)" (index .Values "redis-cluster").password }}@{{ .Release.Name }}-redis-cluster:6379
{{- end }}
{{- end }}

{{- define "weir.hasRedis" -}}
{{- if or .Values.secrets.existing (include "weir.redisUrl" .) }}true{{ end }}
{{- end }}

{{- define "weir.pod" -}}
metadata:
  labels:
    {{- include "weir.labels" . | nindent 4 }}
    {{- with .Values.podLabels }}{{ toYaml . | nindent 4 }}{{ end }}
  annotations:
    # Everything but policies is read at the start only.
    checksum/config: {{ toYaml .Values.config | sha256sum }}
    {{- with .Values.podAnnotations }}{{ toYaml . | nindent 4 }}{{ end }}
spec:
  serviceAccountName: {{ include "weir.serviceAccount" . }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  terminationGracePeriodSeconds: {{ add .Values.termination.preStopSeconds .Values.termination.drainSeconds .Values.termination.spareSeconds }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 10001
    runAsGroup: 10001
    fsGroup: 10001
    seccompProfile: { type: RuntimeDefault }
  containers:
    - name: weir
      image: {{ include "weir.image" . | quote }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      args: [serve]
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities: { drop: [ALL] }
      env:
        - { name: WEIR_CONFIG, value: /etc/weir/weir.yaml }
        - { name: WEIR_ADMIN_TOKEN_FILE, value: /run/secrets/weir/admin-token }
        - { name: WEIR_KEY_SECRET_FILE, value: /run/secrets/weir/key-secret }
        {{- if include "weir.hasRedis" . }}
        - { name: WEIR_REDIS_URL_FILE, value: /run/secrets/weir/redis-url }
        {{- end }}
        {{- if .Values.persistence.enabled }}
        - { name: WEIR_DATA_DIR, value: /var/lib/weir }
        {{- end }}
        {{- with .Values.env }}{{ toYaml . | nindent 8 }}{{ end }}
      ports:
        {{- range .Values.ports }}
        - { name: {{ .name }}, containerPort: {{ .containerPort }}, protocol: TCP }
        {{- end }}
      startupProbe:
        httpGet: { path: /health/ready, port: {{ .Values.probes.port }} }
        {{- toYaml .Values.probes.startup | nindent 8 }}
      livenessProbe:
        httpGet: { path: /health/live, port: {{ .Values.probes.port }} }
        {{- toYaml .Values.probes.liveness | nindent 8 }}
      readinessProbe:
        httpGet: { path: /health/ready, port: {{ .Values.probes.port }} }
        {{- toYaml .Values.probes.readiness | nindent 8 }}
      lifecycle:
        preStop:
          exec: { command: [sleep, {{ .Values.termination.preStopSeconds | quote }}] }
      resources: {{- toYaml .Values.resources | nindent 8 }}
      volumeMounts:
        - { name: config, mountPath: /etc/weir, readOnly: true }
        - { name: secrets, mountPath: /run/secrets/weir, readOnly: true }
        {{- if .Values.tls.secretName }}
        - { name: tls, mountPath: /etc/weir-tls, readOnly: true }
        {{- end }}
        {{- if .Values.persistence.enabled }}
        - { name: data, mountPath: /var/lib/weir }
        {{- end }}
        {{- with .Values.extraVolumeMounts }}{{ toYaml . | nindent 8 }}{{ end }}
  volumes:
    - name: config
      configMap: { name: {{ include "weir.fullname" . }} }
    - name: secrets
      secret: { secretName: {{ include "weir.secretName" . }}, defaultMode: 0440 }
    {{- if .Values.tls.secretName }}
    - name: tls
      secret: { secretName: {{ .Values.tls.secretName }}, defaultMode: 0440 }
    {{- end }}
    {{- with .Values.extraVolumes }}{{ toYaml . | nindent 4 }}{{ end }}
  {{- if .Values.topologySpread.enabled }}
  topologySpreadConstraints:
    {{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
    - maxSkew: 1
      topologyKey: {{ . }}
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels: {{- include "weir.selectorLabels" $ | nindent 10 }}
    {{- end }}
  {{- end }}
  {{- with .Values.nodeSelector }}
  nodeSelector: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.affinity }}
  affinity: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.tolerations }}
  tolerations: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
