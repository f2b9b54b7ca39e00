using ClipDistributed.Contracts.Models;
using ClipDistributed.Model.Safetensors;
using ClipDistributed.Model.Weights;
using ClipDistributed.TestKit.Files;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.TestKit.Tensors.Models;

/// <summary>Golden vectors of the reference implementation; tests/fixtures/README.md describes how they were made.</summary>
public static class Golden
{
    public static ModelConfig Model(string json)
    {
        using var document = System.Text.Json.JsonDocument.Parse(File.ReadAllText(Fixtures.File(json)));
        return ModelFolderConfig.ParseModel(document.RootElement.GetProperty("model").GetRawText(), json);
    }

    /// <summary>Fills the parameters from tensors called prefix + name.</summary>
    public static void Load(ParameterSet parameters, SafetensorsFile file, string prefix = "")
    {
        using var mode = no_grad();
        foreach (var slot in parameters.Slots)
        {
            using var value = file.Load(prefix + NameIn(file, prefix, slot.Shape.Name));
            parameters[slot.Shape.Name].copy_(value);
        }
        foreach (var (name, running) in RunningOf(parameters))
        {
            using var value = file.Load(prefix + name);
            running.copy_(value);
        }
    }

    /// <summary>A text tower that OpenCLIP built apart has a prefix of its own.</summary>
    public static string NameIn(SafetensorsFile file, string prefix, string name) =>
        file.Entries.ContainsKey(prefix + name) ? name : $"text.{name}";

    /// <summary>The running means and variances of batch norms under their names in a state dict; views.</summary>
    public static IEnumerable<(string Name, Tensor Value)> RunningOf(ParameterSet parameters)
    {
        if (parameters.Statistics is not { } statistics)
            yield break;
        long channels = statistics.Running.shape[0] / 2, offset = 0;
        foreach (var norm in statistics.Norms)
        {
            yield return ($"{norm.Name}.running_mean", statistics.Running.narrow(0, offset, norm.Channels));
            yield return ($"{norm.Name}.running_var", statistics.Running.narrow(0, channels + offset, norm.Channels));
            offset += norm.Channels;
        }
    }

    /// <summary>Every element within absolute + relative·|expected|.</summary>
    public static void AssertClose(Tensor expected, Tensor actual, double absolute, double relative, string what)
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        var wanted = expected.to(ScalarType.Float64);
        var error = (actual.to(ScalarType.Float64) - wanted).abs();
        double excess = (error - wanted.abs() * relative).max().ToDouble();
        Assert.True(excess <= absolute, $"{what}: off by {error.max().ToDouble():e2}, allowed {absolute:e1} + {relative:e1}·|expected|");
    }

    /// <summary>The same type, shape and bytes.</summary>
    public static void AssertSameBits(Tensor expected, Tensor actual, string what)
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        Assert.True(expected.dtype == actual.dtype, $"{what}: {actual.dtype} instead of {expected.dtype}");
        Assert.True(
            expected.shape.SequenceEqual(actual.shape),
            $"{what}: shape [{string.Join(", ", actual.shape)}] instead of [{string.Join(", ", expected.shape)}]"
        );
        Assert.True(expected.detach().contiguous().bytes.SequenceEqual(actual.detach().contiguous().bytes), $"{what}: the values differ");
    }

    /// <summary>Every parameter has the same bytes.</summary>
    public static void AssertSameBits(ParameterSet expected, ParameterSet actual)
    {
        foreach (var slot in expected.Slots)
            AssertSameBits(expected[slot.Shape.Name], actual[slot.Shape.Name], slot.Shape.Name);
        foreach (var ((name, value), (_, other)) in RunningOf(expected).Zip(RunningOf(actual)))
            AssertSameBits(value, other, name);
        Assert.Equal(expected.Statistics?.Updates, actual.Statistics?.Updates);
    }
}
