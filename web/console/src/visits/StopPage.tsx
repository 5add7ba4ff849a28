export default function StopPage() {
  return null
}
