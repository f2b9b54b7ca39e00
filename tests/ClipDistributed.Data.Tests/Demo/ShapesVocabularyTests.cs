using ClipDistributed.Data.Demo;

namespace ClipDistributed.Data.Tests.Demo;

public sealed class ShapesVocabularyTests
{
    [Fact]
    public void Classes_All_AreEveryPairInLabelOrder()
    {
        Assert.Equal(96, ShapesVocabulary.Classes.Count);
        Assert.Equal(96, ShapesVocabulary.Classes.Select(c => c.Name).Distinct().Count());
        Assert.Equal(Enumerable.Range(0, 96), ShapesVocabulary.Classes.Select(c => c.Label));
        Assert.Equal("red circle", ShapesVocabulary.Classes[0].Name);
        Assert.Equal("cyan moon", ShapesVocabulary.Classes[95].Name);
    }

    [Fact]
    public void Unseen_Balanced_EveryColourLosesTwoAndEveryFormThree()
    {
        Assert.Equal(24, ShapesVocabulary.Unseen.Count);
        Assert.Equal(72, ShapesVocabulary.Seen.Count);
        Assert.All(ShapesVocabulary.Colours, colour => Assert.Equal(2, ShapesVocabulary.Unseen.Count(c => c.Colour == colour)));
        Assert.All(ShapesVocabulary.Forms, form => Assert.Equal(3, ShapesVocabulary.Unseen.Count(c => c.Form == form)));
    }

    [Fact]
    public void Plural_Cross_TakesEs()
    {
        Assert.Equal("red crosses", ShapesVocabulary.Classes.Single(c => c.Name == "red cross").Plural);
        Assert.Equal("blue stars", ShapesVocabulary.Classes.Single(c => c.Name == "blue star").Plural);
    }

    [Fact]
    public void Contrast_EveryColour_HasLightOrDarkBackdropsToChooseFrom() =>
        Assert.All(ShapesVocabulary.Colours, colour =>
            Assert.True(Backdrop.Colours.Count(b => Backdrop.Contrast(colour, b) >= Backdrop.MinContrast) >= 6, colour.Name));

    [Fact]
    public void Contrast_BlackAndWhite_IsOne()
    {
        Assert.Equal(1.0, Backdrop.Contrast(new("white", 255, 255, 255), new("black", 0, 0, 0)), 1e-4);
        // OKLab of pure red is (0.62796, 0.22486, 0.12585), of pure blue (0.45201, -0.03246, -0.31153).
        Assert.Equal(0.53710, Backdrop.Contrast(new("red", 255, 0, 0), new("blue", 0, 0, 255)), 1e-3);
    }
}
