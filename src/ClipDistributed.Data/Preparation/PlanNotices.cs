using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Spec.V1;

namespace ClipDistributed.Data.Preparation;

/// <summary>What a spec allows and its author may not have meant.</summary>
public static class PlanNotices
{
    /// <param name="spec">With all its values.</param>
    public static IEnumerable<string> Of(TrainingSpec spec)
    {
        long steps = RunPlan.StepsOf(spec);
        long warmup = spec.Optimizer.WarmupSteps;
        string remedy = "lower it, or raise samples";
        if (warmup > steps)
            yield return $"optimizer.warmup_steps is {warmup}, more than the {Counted.Of(steps, "step")} of the run: the learning rate "
                + $"never reaches optimizer.lr; {remedy}";
        else if (warmup == steps && warmup > 0)
            yield return $"optimizer.warmup_steps is {warmup}, all of the {Counted.Of(steps, "step")} of the run: the learning rate "
                + $"reaches optimizer.lr in the last one alone; {remedy}";
        if (spec.Samples < spec.Batch.Global)
            yield return $"samples is {spec.Samples}, fewer than batch.global {spec.Batch.Global}: the run is one step, of "
                + $"{Counted.Plain(spec.Batch.Global, "sample")}";
        if (spec.Data.Validation.Count > 0 && spec.Evaluate.Zeroshot is null && spec.Evaluate.Retrieval.Pairs == 0)
            yield return "data.validation is not looked at: evaluate.zeroshot names no classes and templates, and "
                + "evaluate.retrieval.pairs is 0";
    }
}
