using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Cluster.Tests.Running;

/// <summary>What a run has left in its directory.</summary>
internal sealed record RecordedRun(RunDirectory Directory)
{
    public IReadOnlyList<StepMetrics> Steps { get; } =
    [.. Read(Directory.Metrics, record => record.Step)];

    /// <summary>Of its replicas and of the coordinator.</summary>
    public IReadOnlyList<RunNotice> Notices =>
        [.. Read(Directory.Events, record => record.Notice), .. OfCoordinator(record => record.Notice)];

    /// <summary>What the coordinator has recorded of it, each incident as it was last.</summary>
    public IReadOnlyList<IncidentRecorded> Incidents =>
        [
            .. OfCoordinator(record => record.Incident)
                .GroupBy(incident => incident.Number)
                .Select(states => states.Last()),
        ];

    public IReadOnlyList<RunAttempt> Attempts { get; } = RunInfo.Load(Directory.Info).Attempts;

    /// <summary>An incident of this kind named this host, and its evidence this.</summary>
    public void AssertIncident(string what, string host, string evidence) =>
        Assert.Contains(
            Incidents,
            one => one.What == what && one.Hosts.Contains(host) && one.Evidence.Contains(evidence, StringComparison.Ordinal));

    /// <summary>Every step once, with the same samples: both digests are equal.</summary>
    public void AssertSameSamples(RecordedRun other)
    {
        Assert.Equal(Enumerable.Range(1, other.Steps.Count).Select(step => (long)step), Steps.Select(step => step.Step));
        Assert.Equal(
            other.Steps.Select(step => (step.PlanDigest, step.ContentDigest, step.Replaced)),
            Steps.Select(step => (step.PlanDigest, step.ContentDigest, step.Replaced))
        );
    }

    /// <summary>Losses within 1e-5 relative, final weights within 1e-4.</summary>
    public void AssertFollows(RecordedRun other)
    {
        AssertSameSamples(other);
        Assert.All(
            Steps.Zip(other.Steps),
            pair => Assert.InRange(Math.Abs(pair.First.Loss - pair.Second.Loss) / Math.Abs(pair.Second.Loss), 0, 1e-5)
        );
        var mine = Weights();
        var their = other.Weights();
        Assert.Equal(their.Keys.Order(), mine.Keys.Order());
        foreach (var (name, values) in mine)
        {
            // The gradient of a key's bias is rounding alone, which Adam takes at full size.
            if (!name.EndsWith("in_proj_bias", StringComparison.Ordinal))
                Assert.True(
                    MaxDifference(values, their[name]) <= 1e-4,
                    $"{name} differs by {MaxDifference(values, their[name]):g3}"
                );
        }
    }

    /// <summary>None where it had nothing to record: the file begins with the first record.</summary>
    private IEnumerable<T> OfCoordinator<T>(Func<RunRecord, T?> kind)
        where T : class => File.Exists(Directory.CoordinatorEvents) ? Read(Directory.CoordinatorEvents, kind) : [];

    private static IEnumerable<T> Read<T>(string file, Func<RunRecord, T?> kind)
        where T : class =>
        File.ReadLines(file).Select(RunRecordJson.TryParse).OfType<RunRecord>().Select(kind).OfType<T>();

    private static double MaxDifference(float[] one, float[] other) => one.Zip(other, (a, b) => Math.Abs((double)a - b)).Max();

    /// <summary>The weights after the last step, by name.</summary>
    private Dictionary<string, float[]> Weights() => Weights(Attempts[^1].Number, Steps[^1].Step);

    /// <summary>The weights of a checkpoint, by name.</summary>
    public Dictionary<string, float[]> Weights(int attempt, long step)
    {
        byte[] file = File.ReadAllBytes(Path.Combine(Directory.Checkpoint(attempt, step), "open_clip_model.safetensors"));
        int header = 8 + (int)BinaryPrimitives.ReadInt64LittleEndian(file);
        using var names = JsonDocument.Parse(file.AsMemory(8, header - 8));
        return names.RootElement.EnumerateObject().Where(entry => entry.Name != "__metadata__").ToDictionary(entry => entry.Name, entry =>
        {
            int[] place = [.. entry.Value.GetProperty("data_offsets").EnumerateArray().Select(offset => offset.GetInt32())];
            return MemoryMarshal.Cast<byte, float>(file.AsSpan(header + place[0], place[1] - place[0])).ToArray();
        });
    }
}
