using ClipDistributed.Model.Weights;

namespace ClipDistributed.Model.Layers;

/// <summary>
/// Where modules declare what they compute with; no tensor exists yet. A parameter gets its name, shape and initialisation from
/// the module and its place in backward order from the scope; every layer declares what autograd keeps of a token that passes it.
/// The order of the declarations is the order in which a fresh model draws.
/// </summary>
internal sealed class TowerScope
{
    private readonly List<ParameterShape> parameters;
    private readonly List<BatchNormShape> batchNorms;
    private readonly string prefix;
    private readonly int stage;

    private TowerScope(List<ParameterShape> parameters, List<BatchNormShape> batchNorms, string prefix, int stage) =>
        (this.parameters, this.batchNorms, this.prefix, this.stage) = (parameters, batchNorms, prefix, stage);

    /// <param name="prefix">Before all names of the tower, as in <c>visual.</c>.</param>
    public static TowerScope Of(string prefix, int stage = TowerStages.Loss) => new([], [], prefix, stage);

    public IReadOnlyList<ParameterShape> Parameters => parameters;

    /// <summary>In the order in which a row passes them.</summary>
    public IReadOnlyList<BatchNormShape> BatchNorms => batchNorms;

    /// <summary>Numbers that autograd keeps of each token that passes the layers of this scope; scopes in it count for
    /// themselves.</summary>
    public long KeptOfToken { get; private set; }

    /// <summary>Those of <see cref="KeptOfToken"/> that stay float32 in a tower of bfloat16.</summary>
    public long Float32OfToken { get; private set; }

    /// <summary>Multiplications of the linear layers of this scope for each token that passes all of them.</summary>
    public long ProductsOfToken { get; private set; }

    /// <summary>A part of the same tower.</summary>
    /// <param name="name">Joined to the names of this scope, its last dot included.</param>
    public TowerScope At(int place, string name = "") => new(parameters, batchNorms, prefix + name, place);

    public ParameterShape Parameter(string name, long[] shape, Initial initial, bool noWeightDecay = false)
    {
        var parameter = new ParameterShape(prefix + name, shape, initial, stage, noWeightDecay);
        parameters.Add(parameter);
        return parameter;
    }

    /// <param name="name">With what joins it to "weight" and "bias": a dot, or what OpenCLIP has instead.</param>
    /// <param name="bias">Null: there is none.</param>
    public Linear Linear(string name, int inputs, int outputs, Initial weight, Initial? bias)
    {
        Keeps(inputs);
        ProductsOfToken += (long)inputs * outputs;
        return new Linear(
            Parameter(name + "weight", [outputs, inputs], weight),
            bias is { } initial ? Parameter(name + "bias", [outputs], initial) : null);
    }

    public LayerNorm Norm(string name, int width, double epsilon)
    {
        Keeps(width + 2); // its input, mean and deviation
        Float32OfToken += width;
        return new LayerNorm(Gain(name, width, 1), Parameter($"{name}.bias", [width], Initial.Zero), epsilon);
    }

    public ConvolutionLayer Convolution(string name, int inputs, int outputs, int kernel, (int Padding, int Stride) steps) =>
        new(
            Parameter($"{name}.weight", [outputs, inputs, kernel, kernel], Initial.FanIn(inputs * kernel * kernel)),
            steps.Padding, steps.Stride);

    /// <param name="gain">Where the gain begins.</param>
    public BatchNorm BatchNorm(string name, int channels, double gain = 1)
    {
        var shape = new BatchNormShape(prefix + name, channels);
        batchNorms.Add(shape);
        return new BatchNorm(shape, Gain(name, channels, gain), Parameter($"{name}.bias", [channels], Initial.Zero));
    }

    /// <summary>Adds to <see cref="KeptOfToken"/> what an operation without parameters keeps.</summary>
    public void Keeps(long numbers) => KeptOfToken += numbers;

    private ParameterShape Gain(string name, int width, double initial) => Parameter($"{name}.weight", [width], Initial.Value(initial));
}
