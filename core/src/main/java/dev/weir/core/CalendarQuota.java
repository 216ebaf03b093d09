// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.time.ZoneId;

/**
 * A counter per calendar period of a time zone, right across daylight-saving changes and month
 * lengths: each period admits at most the limit (R16).
 *
 * @param limit most permits per period; 1..2<sup>52</sup> − 1
 * @param period the calendar unit
 * @param zone whose calendar
 */
public record CalendarQuota(long limit, CalendarPeriod period, ZoneId zone) implements Algorithm {

  /**
   * Checks the parameters.
   *
   * @throws IllegalArgumentException if the limit is out of range
   */
  public CalendarQuota {
    WindowKernel.calendar(limit, period, zone);
  }

  @Override
  public Kernel kernel() {
    return WindowKernel.calendar(limit, period, zone);
  }

  @Override
  public CalendarQuota times(Factor factor) {
    return new CalendarQuota(factor.times(limit), period, zone);
  }

  @Override
  public CalendarQuota dividedBy(long divisor) {
    return new CalendarQuota(Math.max(1, limit / divisor), period, zone);
  }
}
