{{- define "redis-cluster.fullname" -}}
{{- printf "%s-redis-cluster" .Release.Name | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "redis-cluster.selectorLabels" -}}
app.kubernetes.io/name: redis-cluster
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "redis-cluster.labels" -}}
{{ include "redis-cluster.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "redis-cluster.secretName" -}}
{{- default (include "redis-cluster.fullname" .) .Values.existingSecret }}
{{- end }}

{{- define "redis-cluster.image" -}}
{{ printf "%s:%s" .Values.image.repository .Values.image.tag | quote }}
{{- end }}

{{- define "redis-cluster.podSecurity" -}}
runAsNonRoot: true
runAsUser: 999
runAsGroup: 999
fsGroup: 999
seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "redis-cluster.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}

{{- define "redis-cluster.volumes" -}}
- name: config
  configMap: { name: {{ include "redis-cluster.fullname" . }} }
- name: secrets
  secret: { secretName: {{ include "redis-cluster.secretName" . }}, defaultMode: 0440 }
{{- end }}
