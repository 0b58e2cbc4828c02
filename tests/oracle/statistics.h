#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/oracle/case.h"
#include "tests/oracle/draws.h"

namespace sextant::oracle {

/// Now and then: asks for samples or confidence, and puts what the product adds behind the metrics
/// of the request: more metrics, with their definitions.
void DrawStatistics(Draws& draws, size_t num_rows, RequestCase& request);
/// The request without them.
void DropStatistics(RequestCase& request);

/// t with P(|T| <= t) = level, T of Student's distribution: by bisection of its finite series
/// (Abramowitz and Stegun 26.7.3 and 26.7.4).
double NaiveStudentQuantile(uint64_t degrees, double level);
double NaiveNormalQuantile(double level);
/// The number, from 1, of the sample that bounds the quantile `fraction` of n samples, the lower
/// one where `level` is negative; 0: none. By adding up the binomial distribution.
uint64_t NaiveBoundRank(uint64_t n, double fraction, double level);
/// Of a share, by Wilson. REQUIRES: n > 1.
double NaiveShareBound(double passing, double n, double level);

/// A bound of a mean as SQL text, of `mean` and `deviation`, numbers of a cell, NULL of one sample.
std::string MeanBoundSql(const std::string& mean, const std::string& deviation, double level);
/// t / sqrt(n) of such a bound.
std::string MeanFactorSql(double level);

}  // namespace sextant::oracle
