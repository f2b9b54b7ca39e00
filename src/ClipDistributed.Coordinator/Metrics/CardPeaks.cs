namespace ClipDistributed.Coordinator.Metrics;

/// <summary>
/// The rate of bfloat16 matrix products that NVIDIA states for a card, dense, with float32 sums, in TFLOP/s. Data sheets give the
/// rate with structured sparsity for newer cards: half of that stands here.
/// </summary>
internal static class CardPeaks
{
    /// <summary>The first whose words are all in a card's name; with the data sheet or white paper that the figure is from.</summary>
    private static readonly (string[] Words, double Peak, string Source)[] Known =
    [
        (["B200"], 2250, "NVIDIA DGX B200 data sheet"),
        (["GH200"], 989.4, "NVIDIA GH200 data sheet"),
        (["H200", "NVL"], 835.5, "NVIDIA H200 data sheet"),
        (["H200"], 989.4, "NVIDIA H200 data sheet"),
        (["H100", "NVL"], 835.5, "NVIDIA H100 data sheet"),
        (["H100", "PCIe"], 756, "NVIDIA H100 white paper"),
        (["H100"], 989.4, "NVIDIA H100 white paper"),
        (["A100"], 312, "NVIDIA A100 data sheet"),
        (["L40S"], 362.05, "NVIDIA L40S data sheet"),
        (["L40"], 181.05, "NVIDIA L40 data sheet"),
        (["L4"], 121, "NVIDIA L4 data sheet"),
        (["A10"], 125, "NVIDIA A10 data sheet"),
        (["A40"], 149.7, "NVIDIA A40 data sheet"),
        (["A6000"], 154.8, "NVIDIA RTX A6000 data sheet"),
        (["RTX", "4090"], 165.2, "NVIDIA Ada white paper"),
        (["RTX", "3090"], 71, "NVIDIA Ampere GA102 white paper"),
    ];

    /// <returns>Null: the card is not in the table, or this is a MIG instance, a slice of one.</returns>
    public static (double Peak, string Source)? Of(string card)
    {
        string[] words = card.Split([' ', '-'], StringSplitOptions.RemoveEmptyEntries);
        if (words.Contains("MIG", StringComparer.OrdinalIgnoreCase))
            return null;
        foreach (var (names, peak, source) in Known)
        {
            if (names.All(name => words.Contains(name, StringComparer.OrdinalIgnoreCase)))
                return (peak, source);
        }
        return null;
    }
}
