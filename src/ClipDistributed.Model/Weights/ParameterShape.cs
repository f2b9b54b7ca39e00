namespace ClipDistributed.Model.Weights;

/// <summary>One parameter of a model: its OpenCLIP name, its shape, and how a fresh model draws it.</summary>
/// <param name="Stage">When backward completes its gradient, see <see cref="BackwardStages"/>.</param>
public sealed record ParameterShape(string Name, long[] Shape, Initial Initial, int Stage = 0)
{
    public long Count => Shape.Aggregate(1L, (product, side) => product * side);
}

/// <summary>Either a constant, or a normal distribution of mean zero with this standard deviation.</summary>
public readonly record struct Initial(double Constant, double Deviation)
{
    public static Initial Value(double constant) => new(constant, 0);

    public static Initial Normal(double deviation) => new(0, deviation);
}
