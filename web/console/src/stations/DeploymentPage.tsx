export default function DeploymentPage() {
  return null
}
