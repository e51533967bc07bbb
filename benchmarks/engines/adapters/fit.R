# Fits one of R's programs twice to the same rows; writes seconds and draws into a folder.
#   Rscript fit.R engine folder correlated seed_1 seed_2 chains tune draws target_accept
arguments <- commandArgs(trailingOnly = TRUE)
engine <- arguments[1]
folder <- arguments[2]
bar <- if (arguments[3] == "yes") "|" else "||"
seeds <- as.integer(arguments[4:5])
chains <- as.integer(arguments[6])
tune <- as.integer(arguments[7])
draws <- as.integer(arguments[8])
control <- list(adapt_delta = as.numeric(arguments[9]))
cores <- min(chains, parallel::detectCores())

elapsed <- function(started) proc.time()[["elapsed"]] - started
clock <- function() proc.time()[["elapsed"]]
data <- read.csv(file.path(folder, "rows.csv"), stringsAsFactors = TRUE)
model <- function(intercept) {
  as.formula(paste0("y ~ ", intercept, "collab * black + female + (1 + collab ", bar,
                    " classroom) + (1 | school)"))
}

started <- clock()
suppressPackageStartupMessages(library(engine, character.only = TRUE))
import <- elapsed(started)

compile <- 0
if (engine == "brms") {
  # Without a centred intercept, so that the intercept's prior is that of the other engines.
  priors <- c(set_prior("normal(0, 1)", class = "b"), set_prior("normal(0, 0.5)", class = "sd"),
              set_prior("normal(0, 1)", class = "sigma"))
  if (bar == "|") priors <- c(priors, set_prior("lkj(2)", class = "cor"))
  started <- clock()
  compiled <- brm(model("0 + Intercept + "), data, prior = priors, chains = 0, refresh = 0)
  compile <- elapsed(started)
}
seconds <- numeric(0)
for (call in 1:2) {
  started <- clock()
  fit <- switch(engine,
    lme4 = lmer(model(""), data, REML = TRUE),
    brms = update(compiled, recompile = FALSE, chains = chains, warmup = tune,
                  iter = tune + draws, cores = cores, seed = seeds[call], control = control,
                  refresh = 0),
    # Its prior of spreads is its own (decov); a half-normal cannot be asked for.
    rstanarm = stan_lmer(model(""), data, prior = normal(0, 1), prior_intercept = normal(0, 1),
                         prior_aux = normal(0, 1), chains = chains, warmup = tune,
                         iter = tune + draws, cores = cores, seed = seeds[call],
                         adapt_delta = control$adapt_delta, refresh = 0))
  seconds[call] <- elapsed(started)
  if (engine == "lme4") next
  # One line a draw, chain after chain.
  if (engine == "brms") {
    values <- as.data.frame(fit)
    values <- values[, !names(values) %in% c("lprior", "lp__")]
    diverging <- nuts_params(fit, pars = "divergent__")$Value
    energy <- nuts_params(fit, pars = "energy__")$Value
  } else {
    values <- as.data.frame(fit)
    about <- rstan::get_sampler_params(fit$stanfit, inc_warmup = FALSE)
    diverging <- unlist(lapply(about, function(chain) chain[, "divergent__"]))
    energy <- unlist(lapply(about, function(chain) chain[, "energy__"]))
  }
  values$diverging <- diverging
  values$energy <- energy
  write.csv(values, file.path(folder, paste0("draws_", call, ".csv")), row.names = FALSE)
}
write.csv(data.frame(import = import, compile = compile, seconds = seconds),
          file.path(folder, "seconds.csv"), row.names = FALSE)
