using ClipDistributed.Cli.Tests.Commands;
using ClipDistributed.TestKit.Processes;

// One training of each kind for all classes, which use folders of their own below it.
[assembly: AssemblyFixture(typeof(TrainedDemo))]
[assembly: AssemblyFixture(typeof(DemoRuns))]
