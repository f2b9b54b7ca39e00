namespace ClipDistributed.TestKit.Tensors.Trainings;

/// <summary>How far a training on several replicas is from the same on one.</summary>
/// <param name="Loss">The largest relative difference over all steps.</param>
/// <param name="Norm">The same of the gradient's norm before clipping.</param>
/// <param name="Gradient">
/// The largest difference of a parameter's gradient from the same weights, in the first and the last step, over that
/// parameter's largest element; gradients that are zero in theory count by their absolute difference over 1e-2.
/// </param>
/// <param name="Weights">The largest difference of a final parameter; key biases, whose gradient is rounding alone, left out.</param>
/// <param name="Digests">True: both digests of all steps are equal.</param>
public sealed record Comparison(double Loss, double Norm, double Gradient, double Weights, bool Digests)
{
    /// <summary>What the project promises: of losses and norms, of gradients and weights.</summary>
    public const double LossBound = 1e-5, GradientBound = 1e-4;

    /// <summary>Within what the project promises.</summary>
    public bool Holds => Loss <= LossBound && Norm <= LossBound && Gradient <= GradientBound && Weights <= GradientBound && Digests;

    public static Comparison Of(RepeatableTraining training, Trajectory one, int world)
    {
        var many = training.Run(world);
        return new Comparison(
            one.Results.Zip(many.Results, (a, b) => Relative(a.Loss, b.Loss)).Max(),
            one.Results.Zip(many.Results, (a, b) => Relative(a.GradNorm, b.GradNorm)).Max(),
            new long[] { 1, training.Steps }.Max(step => Gradients(training, one, world, step)),
            training.Layout().SelectMany(slot => Differences(slot, one.Weights[^1], many.Weights[^1])).Max(),
            one.Results.Zip(many.Results, (a, b) => a.Digest == b.Digest && a.Replaced == b.Replaced).All(equal => equal));
    }

    private static double Gradients(RepeatableTraining training, Trajectory one, int world, long step)
    {
        float[] expected = training.Gradients(1, step, one.Weights[(int)step - 1]);
        float[] actual = training.Gradients(world, step, one.Weights[(int)step - 1]);
        return training.Layout().Max(slot =>
        {
            double keys = Keys(slot).Select(i => Math.Abs((double)expected[i] - actual[i]) / 1e-2).DefaultIfEmpty().Max();
            double largest = Enumerable.Range(slot.Offset, slot.Count).Max(i => Math.Abs(expected[i]));
            return Math.Max(keys, Differences(slot, expected, actual).Max() / Math.Max(largest, 1e-2));
        });
    }

    private static IEnumerable<double> Differences((string Name, int Offset, int Count) slot, float[] one, float[] many) =>
        Enumerable.Range(slot.Offset, slot.Count).Except(Keys(slot)).Select(i => Math.Abs((double)one[i] - many[i]));

    /// <summary>The keys' part of an attention's bias: softmax does not see a shift of all keys.</summary>
    private static IEnumerable<int> Keys((string Name, int Offset, int Count) slot) =>
        slot.Name.EndsWith("attn.in_proj_bias", StringComparison.Ordinal) || slot.Name.EndsWith("attn.qkv.bias", StringComparison.Ordinal)
            ? Enumerable.Range(slot.Offset + slot.Count / 3, slot.Count / 3)
            : slot.Name.EndsWith("attn_pool.kv.bias", StringComparison.Ordinal) ? Enumerable.Range(slot.Offset, slot.Count / 2) : [];

    private static double Relative(double one, double many) => Math.Abs(many - one) / Math.Abs(one);
}
