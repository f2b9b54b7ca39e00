using System.Globalization;
using ClipDistributed.Cli.Tables;
using ClipDistributed.Cli.Terminals;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Cli.Progress;

/// <summary>Shows a run as it goes: one live line on a terminal, a line every few seconds elsewhere.</summary>
internal sealed class TrainProgress(StatusLine status, TimeProvider time)
{
    private static readonly TimeSpan LineEvery = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Recent = TimeSpan.FromSeconds(10);
    private const double MaxLeft = 1e9; // seconds: what is shown ends there

    private readonly DateTimeOffset began = time.GetUtcNow();
    private string when = ""; // in front of what happened before that
    private long steps;
    private long started;
    private long lastLine;
    private double samplesPerSecond;
    private readonly List<StepMetrics> judged = [];

    public StepMetrics? Last { get; private set; }

    public RunEnded? Ended { get; private set; }

    public List<EvaluationMetrics> Evaluations { get; } = [];

    /// <summary>Runs <paramref name="work"/>, which reports through the delegate that it is given.</summary>
    public async Task<int> ShowAsync(Func<Action<RunRecord>, Task<int>> work)
    {
        status.Show(0, "starting …");
        try
        {
            return await work(Show);
        }
        finally
        {
            status.End();
        }
    }

    private void Show(RunRecord record)
    {
        bool isOld = record.Time is not null && began - record.Time.ToDateTimeOffset() > Recent;
        when = isOld ? $"{UtcTime.Readable(record.Time!.ToDateTimeOffset())}  " : "";
        switch (record)
        {
            case { Started: { } run }:
                steps = run.Steps;
                started = time.GetTimestamp();
                status.Show(run.Steps > 0 ? run.Step / (double)run.Steps : 0, "starting …");
                string from = run.Step == 0 ? "" : $", going on after step {run.Step}";
                Line(
                    $"attempt {run.Attempt}: {run.Parameters / 1e6:0.00} M parameters, global batch {run.GlobalBatch:N0}, micro-batch "
                        + $"{run.MicroBatch:N0}, {Counted.Of(run.Replicas, "replica")} of {Counted.Of(run.Threads, "thread")}{from}"
                );
                break;
            case { Step: { } step }:
                ShowStep(step);
                break;
            case { Evaluation: { } evaluation }:
                Evaluations.Add(evaluation);
                string fifth = evaluation.HasTop5 ? $" · top-5 {evaluation.Top5:P1}" : "";
                string damaged = evaluation.Damaged > 0 ? $" ({evaluation.Damaged:N0} more could not be decoded)" : "";
                Line(
                    $"step {evaluation.Step, 6}  zero-shot {evaluation.Source} top-1 {evaluation.Top1:P1}{fifth} of "
                        + $"{evaluation.Count:N0}{damaged}"
                );
                break;
            case { Retrieval: { } retrieval }:
                Line(
                    $"step {retrieval.Step, 6}  retrieval {retrieval.Source} image→text R@1 {retrieval.ImageToText.At1:P1} · text→image "
                        + $"R@1 {retrieval.TextToImage.At1:P1} of {retrieval.Count:N0}, loss {retrieval.Loss:0.000}"
                );
                break;
            case { MemoryPlanned: { } plan }:
                Line(
                    $"memory: {Quantities.Bytes(plan.Bytes)} planned of {Quantities.Bytes(plan.AvailableBytes)} available; most for "
                        + $"{Largest(plan.Parts)}"
                );
                if (plan.Gpu is { } gpu)
                    Line(
                        $"memory of {gpu.Device}: {Quantities.Bytes(gpu.Bytes)} planned of {Quantities.Bytes(gpu.FreeBytes)} free; most "
                            + $"for {Largest(gpu.Parts)}"
                    );
                break;
            case { MemoryUsed: { } used }:
                ShowPeak("memory", used.PeakBytes, used.PlannedBytes);
                if (used.Gpu is { } onGpu)
                    ShowPeak("memory of the GPU", onGpu.PeakBytes, onGpu.PlannedBytes);
                break;
            case { Notice: { } notice }:
                Line(notice.Text);
                break;
            case { Request: { } request }:
                Line($"{request.Request} requested by {request.By}");
                break;
            case { Ended: { } ended }:
                Ended = ended;
                break;
        }
    }

    private static string Largest(IEnumerable<MemoryPart> parts) =>
        string.Join(
            ", ",
            parts.OrderByDescending(part => part.Bytes).Take(3).Select(part => $"{part.Name} {Quantities.Bytes(part.Bytes)}")
        );

    private void ShowPeak(string memory, long peak, long planned) =>
        Line($"{memory}: {Quantities.Bytes(peak)} at the peak, {Quantities.Bytes(planned)} planned");

    private void ShowStep(StepMetrics step)
    {
        Last = step;
        if (judged.Count < DataLimit.Warmup + DataLimit.MinSteps)
        {
            judged.Add(step);
            if (judged.Count == DataLimit.Warmup + DataLimit.MinSteps && DataLimit.Advice(judged) is { } advice)
                Line(advice);
        }
        samplesPerSecond = samplesPerSecond == 0 ? step.SamplesPerSecond : 0.95 * samplesPerSecond + 0.05 * step.SamplesPerSecond;
        double left = (steps - step.Step) * (double)(step.Samples / Math.Max(1, step.Step)) / samplesPerSecond;
        string[] pieces =
        [
            $"step {step.Step,6}/{steps}",
            string.Create(CultureInfo.InvariantCulture, $"loss {step.Loss:0.0000}"),
            string.Create(CultureInfo.InvariantCulture, $"scale {step.LogitScale:0.00}"),
            $"{samplesPerSecond:0} samples/s",
            $"{(double.IsFinite(left) ? Clock(TimeSpan.FromSeconds(Math.Min(left, MaxLeft))) : "?")} left",
        ];
        if (status.IsOnTerminal)
            status.Show(step.Step / (double)steps, pieces[0], pieces[1], pieces[4], pieces[3], pieces[2]); // the last ones may find no room
        else if (step.Step == steps || time.GetElapsedTime(Math.Max(lastLine, started)) >= LineEvery)
        {
            lastLine = time.GetTimestamp();
            Line(string.Join("  ", pieces));
        }
    }

    private static string Clock(TimeSpan time) => $"{(int)time.TotalHours}:{time:mm\\:ss}";

    private void Line(string text) => Console.WriteLine($"{when}{text}");
}
