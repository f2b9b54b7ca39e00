using ClipDistributed.Contracts.Run.V1;

namespace ClipDistributed.Training.TensorBoard;

/// <summary>The names under which TensorBoard shows numbers; what stands before the slash becomes a group.</summary>
internal static class BoardScalars
{
    public static IEnumerable<(string Tag, double Value)> Of(StepMetrics step) =>
        [
            ("train/loss", step.Loss),
            ("train/logit_scale", step.LogitScale),
            ("train/lr", step.Lr),
            ("train/grad_norm", step.GradNorm),
            ("speed/samples_per_second", step.SamplesPerSecond),
            ("speed/step_seconds", step.Seconds),
            ("step/data", step.Split.Data),
            ("step/forward", step.Split.Forward),
            ("step/wait", step.Split.Wait),
            ("step/gather", step.Split.Gather),
            ("step/loss", step.Split.Loss),
            ("step/backward", step.Split.Backward),
            ("step/reduce", step.Split.Reduce),
            ("step/optimizer", step.Split.Optimizer),
            .. step.Pipeline is { } waits
                ? [("pipeline/reading", waits.Reading), ("pipeline/decoding", waits.Decoding), ("pipeline/step", waits.Step)]
                : Array.Empty<(string, double)>(),
        ];

    public static IEnumerable<(string Tag, double Value)> Of(EvaluationMetrics evaluation) =>
        [
            ($"zeroshot_top1/{evaluation.Source}", evaluation.Top1),
            .. evaluation.HasTop5 ? [($"zeroshot_top5/{evaluation.Source}", evaluation.Top5)] : Array.Empty<(string, double)>(),
        ];

    public static IEnumerable<(string Tag, double Value)> Of(RetrievalMetrics retrieval) =>
    [
        ($"validation_loss/{retrieval.Source}", retrieval.Loss),
        .. Of($"retrieval_{retrieval.Source}/image_to_text", retrieval.ImageToText),
        .. Of($"retrieval_{retrieval.Source}/text_to_image", retrieval.TextToImage),
    ];

    private static IEnumerable<(string Tag, double Value)> Of(string tag, RetrievalRecall recall) =>
        [($"{tag}_r1", recall.At1), ($"{tag}_r5", recall.At5), ($"{tag}_r10", recall.At10)];
}
