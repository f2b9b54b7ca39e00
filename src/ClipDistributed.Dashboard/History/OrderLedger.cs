using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using ClipDistributed.Contracts.Run.V1;

namespace ClipDistributed.Dashboard.History;

/// <summary>
/// Compares the digests of steps that several attempts have computed, and sums up those of all steps that led to the newest state. Is
/// given the records in their order.
/// </summary>
internal sealed class OrderLedger
{
    /// <summary>48 bytes each.</summary>
    public const int MaxSteps = 2_000_000;

    private readonly List<Entry> steps = []; // by step, from 1
    private readonly SortedDictionary<(int Before, int Now), AttemptPair> pairs = [];
    private int attempt = 1;

    /// <exception cref="InvalidDataException">There are too many steps.</exception>
    public void Add(RunRecord record)
    {
        if (record.Started is { } started && started.Attempt != attempt)
        {
            attempt = started.Attempt;
            for (int at = (int)Math.Min(started.Step, steps.Count); at < steps.Count; at++)
                steps[at] = steps[at] with { IsAbandoned = true };
        }
        if (record.Step is { Step: > 0 } step)
            Add(step);
    }

    public OrderProof Prove()
    {
        using var plan = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var content = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long count = 0, missing = 0;
        Span<byte> bytes = stackalloc byte[24];
        for (int at = 0; at < steps.Count; at++)
        {
            if (steps[at] is not { Attempt: > 0, IsAbandoned: false } kept)
                continue;
            count++;
            missing += kept.IsKnown ? 0 : 1;
            BinaryPrimitives.WriteInt64LittleEndian(bytes, at + 1);
            BinaryPrimitives.WriteUInt128LittleEndian(bytes[8..], kept.Plan);
            plan.AppendData(bytes);
            BinaryPrimitives.WriteUInt128LittleEndian(bytes[8..], kept.Content);
            content.AppendData(bytes);
        }
        return new OrderProof(count, missing, Text(plan), Text(content), [.. pairs.Values]);
    }

    private static string Text(IncrementalHash hash) => Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16));

    private void Add(StepMetrics step)
    {
        if (step.Step > MaxSteps)
            throw new InvalidDataException($"The run has more than {MaxSteps:N0} steps; clipd run verify checks them one by one.");
        while (steps.Count < step.Step)
            steps.Add(default);
        var before = steps[(int)step.Step - 1];
        bool isKnown = Parse(step.PlanDigest, out var plan) & Parse(step.ContentDigest, out var content);
        var now = new Entry(attempt, plan, content, isKnown, IsAbandoned: false);
        if (before.Attempt > 0 && before.Attempt != attempt && before.IsKnown && isKnown)
            Compare(step.Step, before, now);
        steps[(int)step.Step - 1] = now;
    }

    private void Compare(long step, Entry before, Entry now)
    {
        var key = (before.Attempt, now.Attempt);
        var pair = pairs.GetValueOrDefault(key) ?? new AttemptPair(before.Attempt, now.Attempt, step, step, 0);
        bool isPlan = before.Plan == now.Plan, isContent = before.Content == now.Content;
        pairs[key] = pair with
        {
            FirstStep = Math.Min(pair.FirstStep, step),
            LastStep = Math.Max(pair.LastStep, step),
            Steps = pair.Steps + 1,
            PlanDiffers = pair.PlanDiffers + (isPlan ? 0 : 1),
            ContentDiffers = pair.ContentDiffers + (isContent ? 0 : 1),
            FirstDifferent = pair.FirstDifferent > 0 || isPlan && isContent ? pair.FirstDifferent : step,
        };
    }

    private static bool Parse(string digest, out UInt128 value) =>
        UInt128.TryParse(digest, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);

    private readonly record struct Entry(int Attempt, UInt128 Plan, UInt128 Content, bool IsKnown, bool IsAbandoned);
}
