using ClipDistributed.Contracts.Runs;
using ClipDistributed.Coordinator.History.Artefacts;

namespace ClipDistributed.Coordinator.Tests.History.Artefacts;

public sealed class ArtefactNamesTests
{
    /// <summary>What a run writes can be read, under the names that it has.</summary>
    [Fact]
    public void IsOne_WhatARunWrites_IsOne()
    {
        var run = new RunDirectory("/");
        string[] files =
        [
            run.Spec, run.Manifest, run.Model, run.Tokenizer, run.Metrics, run.Events, run.CoordinatorEvents, run.PoisonRows, run.Info,
            run.Probe, run.Predictions, run.Report,
            run.ProbeSet, run.PredictionStep(200), run.PredictionStep(9_000_000_000),
            Path.Combine(run.Checkpoint(1, 40), "open_clip_model.safetensors"),
            Path.Combine(run.Checkpoint(123, 9_000_000_000), "state.json"),
            Path.Combine(run.TensorBoard, "events.out.tfevents.000002"), "/curves.png", "/similarity.png",
        ];
        Assert.All(files, file => Assert.True(ArtefactNames.IsOne(file[1..]), file));
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("/etc/passwd")]
    [InlineData("../spec.yaml")]
    [InlineData("checkpoints/../spec.yaml")]
    [InlineData("checkpoints/attempt-01/step-00000040/../../../../etc/passwd")]
    [InlineData("checkpoints/attempt-01/step-00000040/..")]
    [InlineData("checkpoints/attempt-01/step-00000040/")]
    [InlineData("checkpoints//attempt-01/step-00000040/state.json")]
    [InlineData("checkpoints/attempt-01/step-00000040/a/b")]
    [InlineData("./spec.yaml")]
    [InlineData("SPEC.yaml")]
    [InlineData("spec.yaml\n")]
    [InlineData("spec.yaml\0")]
    [InlineData("spec.yaml/")]
    [InlineData("..\\spec.yaml")]
    [InlineData("%2e%2e/spec.yaml")]
    [InlineData("report.html%00")]
    [InlineData(".lock")]
    [InlineData(".writer")]
    [InlineData("logs/replicas/demo-1-r1.jsonl")]
    [InlineData("tensorboard/events.x/y")]
    [InlineData("id_rsa")]
    [InlineData("predictions/")]
    [InlineData("predictions/../spec.yaml")]
    [InlineData("predictions/other.json")]
    [InlineData("predictions/step-00000200.json/x")]
    [InlineData("predictions/step-200.json")]
    [InlineData("predictions/step-00000200.json.tmp")]
    public void IsOne_AnythingElse_IsNone(string name) => Assert.False(ArtefactNames.IsOne(name));
}
