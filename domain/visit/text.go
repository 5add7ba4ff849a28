package visit

import (
	"fmt"
	"math"

	"wangge/domain"
)

// Text says why a visit was made or taken back otherwise than planned; empty for ByPlan.
func (c Cause) Text() domain.Text {
	return map[Cause]domain.Text{
		TagGained:     domain.T("该户在本期内新增了标签", "the household got the tag while the period was open"),
		TagLost:       domain.T("该户已不再有此标签", "the household does not have the tag any more"),
		LevelChanged:  domain.T("风险等级变化，走访日期不同", "the risk level changed, and with it the days"),
		LeftArea:      domain.T("该户已迁出计划区域", "the household has left the plan's area"),
		MovingAway:    domain.T("该户可能已搬离，走访暂停", "the household seems to have moved away"),
		HouseholdGone: domain.T("该户已注销或并入其他住户", "the household was deleted or merged into another"),
		MetAlready:    domain.T("并入的住户本期已走访", "the household that was merged into this one was met in this period"),
		PlanChanged:   domain.T("计划已变更", "the plan changed"),
		PlanPaused:    domain.T("计划已暂停", "the plan is paused"),
		PlanEnded:     domain.T("计划已结束", "the plan has ended"),
		OnTheSpot:     domain.T("临时走访", "nothing was planned: somebody knocked"),
		HomeCall:      domain.T("居民预约上门代办", "a resident asked for it"),
	}[c]
}

// Text says what was found, measured and what it is held against.
func (f Flag) Text() domain.Text {
	m, l := number(f.Measured), number(f.Limit)
	switch f.Doubt {
	case TooFar:
		return domain.T(fmt.Sprintf("距住户 %s 米，超过 %s 米", m, l), fmt.Sprintf("%s m from the household; more than %s m", m, l))
	case Imprecise:
		return domain.T(fmt.Sprintf("定位精度 %s 米，差于 %s 米", m, l), fmt.Sprintf("the position is good to %s m only; worse than %s m", m, l))
	case MockLocation:
		return domain.T("设备报告为模拟定位", "the device said that its position was made up")
	case TooFast:
		return domain.T(fmt.Sprintf("与相邻签到之间时速 %s 公里，超过 %s 公里", m, l), fmt.Sprintf("%s km/h from or to the neighbouring check-in; more than %s km/h", m, l))
	case TooShort:
		return domain.T(fmt.Sprintf("停留 %s 秒，不足 %s 秒", m, l), fmt.Sprintf("stayed %s s; less than %s s", m, l))
	case PhotoReused:
		return domain.T(fmt.Sprintf("%s 张照片曾用于其他走访", m), fmt.Sprintf("photos of another stop: %s", m))
	case ClockSkew:
		return domain.T(fmt.Sprintf("设备时钟偏差 %s 秒，超过 %s 秒", m, l), fmt.Sprintf("the device's clock is %s s off; more than %s s", m, l))
	case SentLate:
		return domain.T(fmt.Sprintf("签到 %s 小时后才上传，超过 %s 小时", m, l), fmt.Sprintf("sent %s h after the check-in; more than %s h", m, l))
	}
	return domain.Text{}
}

func number(x float64) string { return fmt.Sprintf("%.0f", math.Abs(x)) }
