namespace ClipDistributed.Model.Weights;

/// <summary>One parameter of a model: its OpenCLIP name, its shape, and how a fresh model draws it.</summary>
/// <param name="Stage">When backward completes its gradient; see Layers.TowerStages.</param>
/// <param name="NoWeightDecay">OpenCLIP's or timm's <c>no_weight_decay</c> of the tower lists it.</param>
public sealed record ParameterShape(string Name, long[] Shape, Initial Initial, int Stage = 0, bool NoWeightDecay = false)
{
    public long Count => Shape.Aggregate(1L, (product, side) => product * side);
}

/// <summary>Either a constant, or a normal distribution of mean zero with this standard deviation.</summary>
public readonly record struct Initial(double Constant, double Deviation)
{
    public static Initial Zero { get; } = Value(0);

    public static Initial Value(double constant) => new(constant, 0);

    public static Initial Normal(double deviation) => new(0, deviation);

    /// <summary>PyTorch's default is uniform in ±1/√fan_in; a normal distribution of the same variance serves as well.</summary>
    public static Initial FanIn(double inputs) => Normal(Math.Sqrt(1.0 / (3 * inputs)));
}
