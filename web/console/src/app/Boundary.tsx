import { AlertCircle } from 'lucide-react'
import { Component, type ReactNode } from 'react'
import { useLocation } from 'wouter'
import { useT } from '../i18n'
import { Blank, Button } from '../ui'

type Props = { at: string; broken: ReactNode; children: ReactNode }

/** Catch stands for a page that broke, until another is looked at. */
class Catch extends Component<Props, { broken: boolean }> {
  state = { broken: false }
  static getDerivedStateFromError = () => ({ broken: true })
  componentDidUpdate(before: Props) {
    if (before.at !== this.props.at && this.state.broken) this.setState({ broken: false })
  }
  render() {
    return this.state.broken ? this.props.broken : this.props.children
  }
}

/** Boundary keeps a page that breaks, or whose program can no longer be had, from taking the console with it. */
export function Boundary({ children }: { children: ReactNode }) {
  const t = useT()
  const [at] = useLocation()
  const broken = (
    <Blank icon={<AlertCircle size={36} strokeWidth={1.4} aria-hidden />} title={t('这个页面出错了', 'This page broke')} action={<Button variant="primary" onPress={() => location.reload()}>{t('重新加载', 'Load it again')}</Button>}>
      {t('可能程序刚刚更新过，重新加载即可。', 'The program may just have been renewed: load it again.')}
    </Blank>
  )
  return <Catch at={at} broken={broken}>{children}</Catch>
}
