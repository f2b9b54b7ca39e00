using System.Globalization;
using Google.Protobuf.Reflection;

namespace ClipDistributed.Contracts.Spec;

/// <summary>The numbers that a field takes: declared once, for what reader, validator and messages say.</summary>
internal sealed class SpecRange
{
    /// <summary>Counts of samples become int, also where a few of them are added up.</summary>
    private const ulong MaxInBatch = 1UL << 30;

    /// <summary>Counts above this are not exact as double.</summary>
    private const ulong MaxCount = 1UL << 53;

    private const double MinutesOfYear = 525_600;

    private static readonly Dictionary<string, SpecRange> Ranges = new(StringComparer.Ordinal)
    {
        ["TrainingSpec.samples"] = Whole(1, MaxCount, " (2^53)"),
        ["DataSpec.shuffle_block"] = Whole(1, MaxInBatch, " (2^30); 1 shuffles nothing inside of a stream"),
        ["BatchSpec.global"] = Whole(2, MaxInBatch, " (2^30); a contrastive loss compares at least two pairs"),
        ["BatchSpec.streams"] = Whole(1, MaxInBatch, " (2^30)"),
        ["BatchSpec.micro"] = Whole(1, MaxInBatch, " (2^30)"),
        ["OptimizerSpec.lr"] = Real(value => value > 0, "above 0"),
        ["OptimizerSpec.beta1"] = Real(value => value is >= 0 and < 1, "from 0 to below 1"),
        ["OptimizerSpec.beta2"] = Real(value => value is >= 0 and < 1, "from 0 to below 1"),
        ["OptimizerSpec.eps"] = Real(value => value > 0, "above 0"),
        ["OptimizerSpec.weight_decay"] = Real(value => value >= 0, "from 0"),
        ["OptimizerSpec.clip_norm"] = Real(value => value >= 0, "from 0 (off)"),
        ["AugmentSpec.random_resized_crop"] = Real(value => value is > 0 and <= 1, "above 0, at most 1"),
        ["CheckpointSpec.every_minutes"] = Real(value => value is >= 0 and <= MinutesOfYear, "from 0 (off) to 525600 (a year)"),
        ["CheckpointSpec.keep"] = Whole(1, uint.MaxValue),
        ["RetrievalSpec.pairs"] = new(
            value => Convert.ToUInt64(value, CultureInfo.InvariantCulture) is 0 or (>= 2 and <= SpecValidator.MaxRetrievalPairs),
            $"a whole number from 2 to {SpecValidator.MaxRetrievalPairs}, or 0 (off)"),
        ["ReplicasSpec.min"] = Whole(1, uint.MaxValue),
        ["ReplicasSpec.max"] = Whole(1, uint.MaxValue),
        ["ReplicasSpec.wait_minutes"] = Real(
            value => value is >= 0 and <= MinutesOfYear, "from 0 (save and stop at once) to 525600 (a year)"),
        ["ReplicasSpec.rebalance_above"] = Real(value => value is >= 0 and < 1, "from 0 (shares stay even) to below 1, a part of a step"),
        ["ReplicasSpec.priority"] = Whole(0, 100),
        ["LimitsSpec.read_ahead_bytes"] = Whole(0, MaxCount, " (2^53)"),
        ["LimitsSpec.max_image_pixels"] = Whole(1, MaxCount, " (2^53)"),
    };

    private readonly Func<object, bool> allows;

    private SpecRange(Func<object, bool> allows, string text) => (this.allows, Text) = (allows, text);

    /// <summary>As in <c>a whole number from 1 to 4294967295</c>.</summary>
    public string Text { get; }

    /// <summary>Of a field of numbers; where nothing is declared all that its type holds.</summary>
    public static SpecRange Of(FieldDescriptor field) => field.FieldType switch
    {
        _ when Ranges.TryGetValue($"{field.ContainingType.Name}.{field.Name}", out var range) => range,
        FieldType.UInt32 => Whole(0, uint.MaxValue),
        FieldType.UInt64 => Whole(0, ulong.MaxValue),
        _ => Real(_ => true, "of any size"),
    };

    public bool Allows(object value) => allows(value);

    private static SpecRange Whole(ulong min, ulong max, string note = "") =>
        new(
            value => Convert.ToUInt64(value, CultureInfo.InvariantCulture) is var number && number >= min && number <= max,
            $"a whole number from {min} to {max}{note}");

    private static SpecRange Real(Func<double, bool> allows, string text) =>
        new(value => double.IsFinite((double)value) && allows((double)value), $"a number {text}");
}
