using System.Text.Json;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Data.Demo;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Streams;
using static ClipDistributed.TestKit.Records.SampleRecords;

namespace ClipDistributed.Reporting.Tests;

/// <summary>A run directory as a training run would leave it, removed at the end of the test.</summary>
public sealed class RunDirectory : IDisposable
{
    private readonly List<string> metrics = [];

    public string Path { get; } = Directory.CreateTempSubdirectory("clipd-run-").FullName;

    /// <summary>400 pairs-of-512 steps with evaluations of two sources, a probe batch, a spec and a run.json.</summary>
    public static RunDirectory Complete(int steps = 60)
    {
        var run = new RunDirectory();
        for (int step = 1; step <= steps; step++)
        {
            run.AddStep(step, 6.2 - 4.0 * step / steps);
            if (step % 20 == 0)
                run.AddEvaluation(step, "seen", 0.9 * step / steps).AddEvaluation(step, "unseen", 0.7 * step / steps);
        }
        run.Save("spec.yaml", "name: demo\nseed: 1\n");
        run.Save("run.json", """{"name":"demo","parameters":712345,"seconds":212.3}""");
        run.AddProbe(["a red circle", "a blue star", "two green rings", "a yellow heart"]);
        return run.SaveMetrics();
    }

    public RunDirectory AddStep(int step, double loss) =>
        AddLine(
            JsonSerializer.Serialize(
                new
                {
                    kind = "step",
                    step,
                    samples = 512L * step,
                    epoch = step / 47,
                    loss,
                    logit_scale = 14.3 + 0.1 * step,
                    lr = 1e-3 / step,
                    grad_norm = 1.2,
                    plan_digest = $"{step:x32}",
                    content_digest = $"{step + 0xabc000:x32}",
                    seconds = 0.5,
                    samples_per_second = 1024.0,
                },
                Numbers
            )
        );

    public RunDirectory AddEvaluation(int step, string source, double top1) => AddLine(JsonSerializer.Serialize(
        new { kind = "evaluation", step, samples = 512L * step, source, top1, top5 = (1 + top1) / 2, count = 1000, classes = 96 }));

    /// <summary>Steps with their parts, retrieval, predictions, a manifest and events: all that a run can leave.</summary>
    public static RunDirectory Full()
    {
        var run = Complete();
        var split = new StepSplit
        {
            Data = 0.1,
            Forward = 0.2,
            Wait = 0.01,
            Gather = 0.02,
            Loss = 0.03,
            Backward = 0.4,
            Reduce = 0.05,
            Optimizer = 0.06,
        };
        for (int step = 1; step <= 60; step++)
        {
            var metrics = Step(step, loss: 5);
            (metrics.Samples, metrics.Seconds, metrics.SamplesPerSecond, metrics.Split) = (512L * step, 0.9, 570, split);
            metrics.Replaced = step == 7 ? 2 : 0;
            run.AddRecord(new RunRecord { Step = metrics });
        }
        run.AddRetrieval(30, Recall(0.1, 0.3, 0.5), Recall(0.2, 0.4, 0.6)).AddRetrieval(60, Recall(0.3, 0.5, 0.7), Recall(0.5, 0.8, 0.9));
        byte[] png = new SceneRenderer(1, 32).Render(new SceneGenerator(1).Generate(ShapesSplit.Seen, 0), ShapesSplit.Seen, 0);
        new PredictionSample(60, [new("seen", 200, [new(png, "red circle", [new("red circle", 0.75), new("red moon", 0.2)])], [])]).Save(
            run.File("predictions.json")
        );
        new DatasetManifest(StreamOrder.Version, [new("/data/a.parquet", 5_000_000, [new(1000, 1)], "image", "caption", null)]).Save(
            run.File("manifest.json")
        );
        RunRecord[] events =
        [
            new() { Started = Started(attempt: 1, step: 0, steps: 60, replicas: 3) },
            NoticeRecord.Of(7, "Row 3 of <a> is damaged."),
            new() { Started = Started(attempt: 2, step: 20, steps: 60) },
        ];
        run.Save("events.jsonl", string.Concat(events.Select(record => record.ToJson() + "\n")));
        return run.SaveMetrics();
    }

    public RunDirectory AddRecord(RunRecord record) => AddLine(record.ToJson());

    private RunDirectory AddRetrieval(long step, RetrievalRecall imageToText, RetrievalRecall textToImage)
    {
        var metrics = Retrieval(step, imageToText, textToImage);
        (metrics.Samples, metrics.Loss) = (512 * step, step == 30 ? 4.5 : 4.25);
        return AddRecord(new RunRecord { Retrieval = metrics });
    }

    public RunDirectory AddLine(string line)
    {
        metrics.Add(line);
        return this;
    }

    public RunDirectory AddProbe(string[] captions)
    {
        var scenes = new SceneGenerator(1);
        var renderer = new SceneRenderer(1, 32);
        Save("probe.json", JsonSerializer.Serialize(new
        {
            step = 60,
            captions,
            images_png = captions.Select((_, i) => renderer.Render(scenes.Generate(ShapesSplit.Seen, i), ShapesSplit.Seen, i)),
            similarity = captions.Select((_, row) => captions.Select((_, column) => row == column ? 0.9 : 0.05 * column - 0.1)),
        }));
        return this;
    }

    public RunDirectory SaveMetrics(string end = "\n")
    {
        Save("metrics.jsonl", string.Join("\n", metrics) + end);
        return this;
    }

    public RunDirectory Save(string name, string text)
    {
        System.IO.File.WriteAllText(File(name), text);
        return this;
    }

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);

    private static readonly JsonSerializerOptions Numbers = new()
    {
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };
}
