using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Model;
using ClipDistributed.Training.Memory;
using ClipDistributed.Training.Optimization;

namespace ClipDistributed.Training.Tests.Memory;

/// <summary>
/// What towers declare decides the layout of flat vectors, of which files and the order of sums depend, and the order of the first
/// draws: it must not change by accident. The test leaves what it found as declared.txt beside its program.
/// </summary>
public sealed class PresetGoldenTests
{
    private const string Listed = "tiny"; // whole, so that a difference can be read

    [Fact]
    public void Of_EveryPreset_DeclaresWhatItAlwaysDid()
    {
        string[] expected = File.ReadAllLines(Fixtures.File("presets/declared.txt"));
        string[] actual =
            [.. ModelPresets.All.Select(preset => Summary(preset.Name, preset.Model)), .. Listing(ModelPresets.Find(Listed)!.Model)];
        File.WriteAllLines(Path.Combine(AppContext.BaseDirectory, "declared.txt"), actual);
        Assert.Equal(expected, actual);
    }

    private static string Summary(string name, ModelConfig model)
    {
        string digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', Listing(model)))));
        var declared = ModelDeclaration.Of(model);
        var (image, text) = (TowerMemory.Of(declared.ImageMemory), TowerMemory.Of(declared.TextMemory));
        var norms = declared.BatchNorms;
        return string.Create(CultureInfo.InvariantCulture, $"{name}: {declared.Parameters.Count} parameters {digest[..16]}, ")
            + string.Create(CultureInfo.InvariantCulture, $"{norms.Count} batch norms of {norms.Sum(norm => norm.Channels)}, ")
            + string.Create(CultureInfo.InvariantCulture, $"image {image.Kept} {image.Peak} {image.WithoutGraph}, ")
            + string.Create(CultureInfo.InvariantCulture, $"text {text.Kept} {text.Peak} {text.WithoutGraph}");
    }

    private static IEnumerable<string> Listing(ModelConfig model) =>
        ModelDeclaration.Of(model).Parameters.Select(parameter => string.Create(CultureInfo.InvariantCulture,
            $"{parameter.Name} [{string.Join(", ", parameter.Shape)}] {parameter.Initial.Constant:R} ± {parameter.Initial.Deviation:R}, ")
                + $"stage {parameter.Stage}" + (DecayRule.AppliesTo(parameter, Decay.OpenClipV4) ? ", decays" : ""))
            .Concat(ModelDeclaration.Of(model).BatchNorms.Select(norm => $"{norm.Name} of {norm.Channels}"));
}
