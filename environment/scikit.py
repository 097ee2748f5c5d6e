"""The rivals of notebook 08 by scikit-learn, on data sets given as JSON on standard input; run by scikit.mjs."""

import json
import sys

import numpy as np
import sklearn
from sklearn.calibration import CalibratedClassifierCV
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import PredefinedSplit, cross_val_predict
from sklearn.svm import SVC

asked = json.load(sys.stdin)
grids = asked["grids"]


class Rounded(SVC):
    """Where no line helps, w is 0 up to rounding errors, to which Platt's sigmoid would fit."""

    def decision_function(self, x):
        return np.round(super().decision_function(x), grids["svm"]["decimals"])


def logistic(x, y, folds):
    tried = []
    for penalty in grids["logistic"]["penalty"]:
        for c in grids["logistic"]["C"]:
            # liblinear penalises the intercept, by a 100,000th here; saga, which does not, takes minutes a data set.
            l1 = dict(l1_ratio=1, solver="liblinear", intercept_scaling=1e5, random_state=0)
            kind = l1 if penalty == "L1" else dict(l1_ratio=0, solver="lbfgs")
            model = LogisticRegression(C=c, tol=1e-9, max_iter=20_000, **kind)
            p = cross_val_predict(model, x, y, cv=folds, method="predict_proba")[:, 1]
            tried.append((log_loss(y, p, labels=[0, 1]), len(tried), model))
    return min(tried)[2].fit(x, y)


def machine(x, y, folds, gammas):
    tried = []
    for gamma in gammas:
        for c in grids["svm"]["C"]:
            kind = dict(kernel="linear") if gamma is None else dict(kernel="rbf", gamma=gamma)
            model = Rounded(C=c, tol=1e-5, **kind)
            fitted = CalibratedClassifierCV(model, method="sigmoid", cv=folds, ensemble=False).fit(x, y)
            sigmoid = fitted.calibrated_classifiers_[0].calibrators[0]
            f = cross_val_predict(model, x, y, cv=folds, method="decision_function")
            positive = np.sum(y == 1)
            negative = len(y) - positive
            target = np.where(y == 1, (positive + 1) / (positive + 2), 1 / (negative + 2))  # Platt's
            score = -(sigmoid.a_ * f + sigmoid.b_)
            tried.append((np.mean(np.logaddexp(0, score) - target * score), len(tried), fitted))
    return min(tried, key=lambda entry: entry[:2])[2]


rows = []
for data in asked["sets"]:
    x = np.array(data["x"]).reshape(-1, data["dim"])
    y = np.array(data["y"])
    s = data["train"]
    folds = PredefinedSplit(np.arange(s) % grids["folds"])
    gammas = [gamma / data["dim"] for gamma in grids["rbf"]["gamma"]]
    models = {
        "logistic regression": logistic(x[:s], y[:s], folds),
        "linear SVM": machine(x[:s], y[:s], folds, [None]),
        "RBF SVM": machine(x[:s], y[:s], folds, gammas),
    }
    print(len(rows) + 1, file=sys.stderr, flush=True)
    rows.append({name: log_loss(y[s:], m.predict_proba(x[s:])[:, 1], labels=[0, 1]) for name, m in models.items()})

json.dump({"scikit-learn": sklearn.__version__, "losses": rows}, sys.stdout)
