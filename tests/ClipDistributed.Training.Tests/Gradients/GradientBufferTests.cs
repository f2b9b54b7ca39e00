using ClipDistributed.Model;
using ClipDistributed.Model.Weights;
using ClipDistributed.Training.Gradients;
using ClipDistributed.Training.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Tests.Gradients;

public sealed class GradientBufferTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly ParameterSet parameters = new(
        [new("logit_scale", [], default), new("bias", [5], default), new("weight", [3, 7], default)], CPU);

    private readonly GradientBuffer gradients;

    public GradientBufferTests() => gradients = new GradientBuffer(parameters);

    public void Dispose()
    {
        gradients.Dispose();
        parameters.Dispose();
        scope.Dispose();
    }

    [Fact]
    public void Flat_AfterBackward_HoldsTheSumOfAllGradients()
    {
        for (int pass = 0; pass < 2; pass++)
            Loss().backward();
        AssertHolds(factor: 2);
    }

    [Fact]
    public void Zero_ThenBackward_FillsTheSameVector()
    {
        Loss().backward();
        gradients.Zero();
        Assert.Equal(0, gradients.Flat.abs().max().ToDouble());
        foreach (var slot in parameters.Slots)
            Assert.Equal(0, parameters[slot.Shape.Name].grad!.abs().max().ToDouble());

        Loss().backward();
        AssertHolds(factor: 1);
    }

    [Fact]
    public void Add_ToAScalar_AddsToWhatIsThere()
    {
        Loss().backward();
        double before = parameters["logit_scale"].grad!.ToDouble();
        gradients.Add(parameters["logit_scale"], 2.5);
        Assert.Equal(before + 2.5, parameters["logit_scale"].grad!.ToDouble(), 1e-6);
        Assert.Equal(before + 2.5, gradients.Flat[parameters.Slots[0].Offset].ToDouble(), 1e-6);
    }

    [Fact]
    public void Norm_AnyGradients_IsThatInDouble()
    {
        Loss().backward();
        double squares = parameters
            .Slots.SelectMany(slot => parameters[slot.Shape.Name].grad!.contiguous().data<float>())
            .Sum(value => (double)value * value);
        Assert.Equal(Math.Sqrt(squares), HostReads.Read(gradients.Norm()), 1e-5);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Norm_OneValueNotFinite_IsNotFinite(float value)
    {
        parameters["weight"].grad![1, 2] = value;
        Assert.False(double.IsFinite(HostReads.Read(gradients.Norm())));
    }

    [Fact]
    public void Clip_NormAboveTheLimit_ScalesAllGradientsToIt()
    {
        Loss().backward();
        var before = gradients.Flat.clone();
        double norm = HostReads.Read(gradients.Norm());
        gradients.Clip(norm, norm / 4);
        Golden.AssertClose(before / 4, gradients.Flat, 1e-6, 1e-5, "clipped gradients");
    }

    [Fact]
    public void Clip_NormBelowTheLimit_ChangesNothing()
    {
        Loss().backward();
        var before = gradients.Flat.clone();
        gradients.Clip(HostReads.Read(gradients.Norm()), HostReads.Read(gradients.Norm()) * 1.01);
        Golden.AssertSameBits(before, gradients.Flat, "gradients");
    }

    /// <summary>Σ wᵢ·pᵢ over all parameters with w = 1, 2, 3 …: the gradient of element i is wᵢ.</summary>
    private Tensor Loss() =>
        parameters.Slots.Select(slot => (parameters[slot.Shape.Name] * Weights(slot)).sum()).Aggregate((a, b) => a + b);

    private static Tensor Weights(ParameterSlot slot) => arange(1, slot.Shape.Count + 1, ScalarType.Float32).view(slot.Shape.Shape);

    private void AssertHolds(int factor)
    {
        var expected = zeros_like(gradients.Flat);
        foreach (var slot in parameters.Slots)
        {
            slot.View(expected).copy_(Weights(slot) * factor);
            Golden.AssertSameBits(Weights(slot) * factor, parameters[slot.Shape.Name].grad!, slot.Shape.Name);
        }
        Golden.AssertSameBits(expected, gradients.Flat, "flat gradients"); // with zeros between the parameters
    }
}
