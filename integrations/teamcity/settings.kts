// A build configuration in TeamCity's Kotlin DSL. `stanch` is on the path of
// the agent. The VCS root needs the checkout policy `Use mirrors`, so that all
// of the past is there.
import jetbrains.buildServer.configs.kotlin.*
import jetbrains.buildServer.configs.kotlin.buildFeatures.XmlReport
import jetbrains.buildServer.configs.kotlin.buildFeatures.xmlReport
import jetbrains.buildServer.configs.kotlin.buildSteps.script
import jetbrains.buildServer.configs.kotlin.triggers.vcs

version = "2025.11"

project {
    buildType(Secrets)
}

object Secrets : BuildType({
    name = "Secrets"

    vcs {
        root(DslContext.settingsRoot)
        checkoutMode = CheckoutMode.ON_AGENT
    }

    steps {
        script {
            name = "Stanch"
            scriptContent = """
                stanch ci --report junit=stanch.xml --report sarif=stanch.sarif
            """.trimIndent()
        }
    }

    triggers {
        vcs {
            branchFilter = "+:*"
        }
    }

    features {
        xmlReport {
            reportType = XmlReport.XmlReportType.JUNIT
            rules = "stanch.xml"
        }
    }

    artifactRules = "stanch.sarif"
})
