// SPDX-License-Identifier: Apache-2.0
/**
 * What limits would have done to traffic that was logged.
 *
 * <p>Logs are read in blocks of whole lines, which are parsed side by side; one thread puts the
 * requests in the order of their times, turns a clock by them and asks the engine of {@link
 * dev.weir.core}, exactly as it decides in production. {@link dev.weir.simulation.Simulation} puts
 * it together; its {@link dev.weir.simulation.SimulationReport} is printed as text, JSON or a page.
 */
@NullMarked
package dev.weir.simulation;

import org.jspecify.annotations.NullMarked;
